/** What every runtime must do: the rules at the head of runtime.ts, as tests that each runtime runs on the real thing. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemRandom } from '../../../apimachinery/random.ts';
import type { ContainerConfig, ContainerStatus } from '../container.ts';
import { CONTAINER_NAME_LABEL, POD_UID_LABEL } from '../labels.ts';
import { type Owner, openOwner } from '../owner.ts';
import type { Runtime } from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { SandboxConfig } from '../sandbox.ts';
import { rulesOfStreams } from './stream-rules.ts';

/** A runtime under test. */
export interface RuntimeUnderTest {
  readonly runtime: Runtime;
  /** An image with sh, that is there. */
  readonly image: string;
  /** Pod annotations with which a container ends after so many milliseconds with that code; for runtimes without commands. */
  annotations?(milliseconds: number, exitCode: number): Readonly<Record<string, string>>;
  /** A second runtime over what the first left, as after a restart; the first has been closed. For lasting runtimes. */
  reopen?(): Promise<Runtime>;
  /** The same runtime as another server sees it. For runtimes that servers share. */
  openAs?(owner: Owner): Promise<Runtime>;
}

/** How a container of a test behaves. */
interface Play {
  /** A shell script; runtimes without commands play `milliseconds` and `exitCode` instead. */
  readonly script: string;
  readonly milliseconds: number;
  readonly exitCode: number;
}

const FOREVER: Play = { script: 'exec sleep 1000', milliseconds: 1_000_000, exitCode: 0 };

/**
 * Registers the tests. `open` answers undefined after it has skipped the test.
 *
 * @param patience how many times longer than on an ordinary machine what is waited for may take.
 */
export function runtimeSuite(
  name: string,
  open: (t: TestContext) => Promise<RuntimeUnderTest | undefined>,
  patience = 1,
): void {
  const check = (title: string, body: (stage: Stage) => Promise<void>): void => {
    void test(`${name}: ${title}`, { timeout: 60_000 * patience }, async (t) => {
      const under = await open(t);
      if (under === undefined) return;
      const stage = new Stage(under, patience);
      try {
        await body(stage);
      } finally {
        await stage.clear();
      }
    });
  };
  sharedRules(check);
  rulesOfCommands(check);
  rulesOfOwners(check);
  rulesOfStreams((title, body) =>
    check(title, async (stage) => {
      if (stage.runtime.traits.files) await body(stage);
    }),
  );
}

type Check = (title: string, body: (stage: Stage) => Promise<void>) => void;

function sharedRules(check: Check): void {
  check('a container runs to its end, and its exit is told with its status', async (stage) => {
    const { id } = await stage.run({ script: 'exit 3', milliseconds: 0, exitCode: 3 });
    const status = await stage.ended(id);
    assert.equal(status.exitCode, 3);
    assert.equal(status.reason, 'Error');
    // A runtime may take the time of the start once the process has begun, which may have ended by then.
    assert.ok(status.startedAt >= status.createdAt - 1000 && status.finishedAt >= status.createdAt - 1000);
  });

  check('a container that succeeds is Completed', async (stage) => {
    const { id } = await stage.run({ script: 'true', milliseconds: 0, exitCode: 0 });
    assert.deepEqual(pick(await stage.ended(id)), { exitCode: 0, reason: 'Completed' });
  });

  check('sandboxes and containers are found by id, by sandbox and by label', async (stage) => {
    const { id, sandboxId } = await stage.run(FOREVER);
    const { runtime, uid } = stage;
    const labels = { [POD_UID_LABEL]: uid };
    assert.deepEqual(
      (await runtime.listPodSandboxes({ labels })).map((each) => each.id),
      [sandboxId],
    );
    assert.deepEqual(
      (await runtime.listContainers({ labels })).map((each) => each.id),
      [id],
    );
    assert.deepEqual(
      (await runtime.listContainers({ id })).map((each) => each.sandboxId),
      [sandboxId],
    );
    assert.deepEqual(
      await runtime.listContainers({ sandboxId, labels: { [CONTAINER_NAME_LABEL]: 'other' } }),
      [],
    );
    const [container] = await runtime.listContainers({ sandboxId });
    assert.equal(container?.state, 'running');
    assert.equal(container.annotations['note'], 'kept');
    const sandbox = await runtime.podSandboxStatus(sandboxId);
    assert.equal(sandbox.state, 'ready');
    assert.equal(sandbox.metadata.uid, uid);
    assert.equal(sandbox.ips.length > 0, runtime.traits.podAddresses);
  });

  check(
    'stopping a container ends it and resolves when it has ended; again changes nothing',
    async (stage) => {
      // The first process of a container heeds a signal only where it says so itself.
      const script = 'trap "exit 143" TERM; echo ready; while :; do sleep 0.05; done';
      const { id } = await stage.run({ ...FOREVER, script });
      if (stage.runtime.traits.files) await stage.logged('ready');
      await stage.runtime.stopContainer(id, 5 * stage.patience);
      const status = await stage.runtime.containerStatus(id);
      assert.equal(status.state, 'exited');
      assert.equal(status.exitCode, 143);
      await stage.runtime.stopContainer(id, 5);
      assert.equal((await stage.ended(id)).exitCode, 143);
    },
  );

  check(
    'stopping a sandbox ends what runs in it, and nothing can be started in it any more',
    async (stage) => {
      const { id, sandboxId, sandbox } = await stage.run(FOREVER);
      await stage.runtime.stopPodSandbox(sandboxId);
      assert.equal((await stage.runtime.containerStatus(id)).state, 'exited');
      assert.equal((await stage.runtime.podSandboxStatus(sandboxId)).state, 'notready');
      const config = stage.containerConfig('late', FOREVER);
      // Whether it can still be made is the runtime's to say: containerd 2 makes it, and refuses to start it.
      await assert.rejects(async () => {
        const late = await stage.runtime.createContainer(sandboxId, config, sandbox);
        await stage.runtime.startContainer(late);
      }, RuntimeError);
      await stage.runtime.stopPodSandbox(sandboxId);
    },
  );

  check('removing a sandbox removes its containers', async (stage) => {
    const { id, sandboxId } = await stage.run(FOREVER);
    await stage.runtime.stopPodSandbox(sandboxId);
    await stage.runtime.removePodSandbox(sandboxId);
    await assert.rejects(stage.runtime.containerStatus(id), isNotFound);
    await assert.rejects(stage.runtime.podSandboxStatus(sandboxId), isNotFound);
    await stage.runtime.removePodSandbox(sandboxId);
  });

  check(
    'stopping and removing succeed for what is not there, asking for it does not',
    async ({ runtime }) => {
      const nobody = '0123456789abcdef0123456789abcdef';
      await runtime.stopPodSandbox(nobody);
      await runtime.removePodSandbox(nobody);
      await runtime.stopContainer(nobody, 0);
      await runtime.removeContainer(nobody);
      await assert.rejects(runtime.containerStatus(nobody), isNotFound);
      await assert.rejects(runtime.podSandboxStatus(nobody), isNotFound);
    },
  );

  check('a container starts once', async (stage) => {
    const { id } = await stage.run({ script: 'true', milliseconds: 0, exitCode: 0 });
    await stage.ended(id);
    await assert.rejects(stage.runtime.startContainer(id), RuntimeError);
  });

  check('a container that was made and not started can be removed', async (stage) => {
    const { sandboxId, sandbox } = await stage.sandbox(FOREVER);
    const id = await stage.runtime.createContainer(sandboxId, stage.containerConfig('c', FOREVER), sandbox);
    assert.equal((await stage.runtime.containerStatus(id)).state, 'created');
    await stage.runtime.removeContainer(id);
    await assert.rejects(stage.runtime.containerStatus(id), isNotFound);
  });

  check('it says who it is and that it is ready', async ({ runtime }) => {
    assert.equal((await runtime.version()).apiVersion, 'v1');
    assert.deepEqual(pickReady(await runtime.status()), { ready: true, networkReady: true });
  });
}

/** Rules for runtimes that run commands. */
function rulesOfCommands(check: Check): void {
  const checkReal = (title: string, body: (stage: Stage) => Promise<void>): void =>
    check(title, async (stage) => {
      if (stage.runtime.traits.files) await body(stage);
    });

  checkReal('output becomes a log of lines with time and stream', async (stage) => {
    const { id } = await stage.runScript('echo "out $GREETING"; echo err >&2; printf unfinished');
    await stage.ended(id);
    const log = readFileSync(stage.logFile, 'utf8');
    assert.match(log, /^\d{4}-\d\d-\d\dT\S+ stdout F out hej$/m);
    assert.match(log, /^\S+ stderr F err$/m);
    assert.match(log, /^\S+ stdout [PF] unfinished$/m);
  });

  checkReal('a container that ignores its stop signal is killed when its time is over', async (stage) => {
    const { id } = await stage.runScript('trap "" TERM; echo ready; while :; do sleep 0.05; done');
    await stage.logged('ready');
    await stage.runtime.stopContainer(id, 1);
    assert.equal((await stage.runtime.containerStatus(id)).exitCode, 137);
  });

  checkReal('a container can end in its own way when it is asked to', async (stage) => {
    const { id } = await stage.runScript(
      'trap "echo bye; exit 9" TERM; echo ready; while :; do sleep 0.05; done',
    );
    await stage.logged('ready');
    await stage.runtime.stopContainer(id, 20 * stage.patience);
    assert.equal((await stage.runtime.containerStatus(id)).exitCode, 9);
    assert.match(readFileSync(stage.logFile, 'utf8'), /bye/);
  });

  checkReal('a command that does not exist is told as a failed start', async (stage) => {
    const { sandboxId, sandbox } = await stage.sandbox(FOREVER);
    const config = { ...stage.containerConfig('c', FOREVER), command: ['no-such-program-here'] };
    let id: string | undefined;
    await assert.rejects(async () => {
      id = await stage.runtime.createContainer(sandboxId, config, sandbox);
      await stage.runtime.startContainer(id);
    }, /no-such-program-here/);
    // CRI-O looks for the command when it makes the container, and makes none then.
    if (id === undefined) return;
    const status = await stage.runtime.containerStatus(id);
    assert.deepEqual(pick(status), { exitCode: 128, reason: 'StartError' });
  });

  checkReal('a command can be run beside a container, and is given up after its time', async (stage) => {
    const { id } = await stage.run(FOREVER);
    const { exitCode, stdout, stderr } = await stage.runtime.execSync(
      id,
      ['sh', '-c', 'echo $GREETING; echo no >&2; exit 4'],
      10 * stage.patience,
    );
    assert.deepEqual(
      [exitCode, Buffer.from(stdout).toString(), Buffer.from(stderr).toString()],
      [4, 'hej\n', 'no\n'],
    );
    await assert.rejects(stage.runtime.execSync(id, ['sleep', '30'], 1), RuntimeError);
  });

  checkReal('after a rotation, output goes to a new log', async (stage) => {
    const { id } = await stage.runScript(
      'echo before; while [ ! -e go ]; do sleep 0.05; done; echo after',
      true,
    );
    await stage.logged('before');
    const { renameSync } = await import('node:fs');
    renameSync(stage.logFile, `${stage.logFile}.1`);
    await stage.runtime.reopenContainerLog(id);
    await stage.runtime.execSync(id, ['touch', 'go'], 10 * stage.patience);
    await stage.ended(id);
    assert.match(readFileSync(`${stage.logFile}.1`, 'utf8'), / before\n$/);
    assert.match(readFileSync(stage.logFile, 'utf8'), /^\S+ stdout F after\n$/);
  });

  checkReal(
    'containers go on without their runtime, and the next one finds them and their end',
    async (stage) => {
      if (stage.under.reopen === undefined) return;
      const { id } = await stage.runScript(
        'echo one; while [ ! -e go ]; do sleep 0.05; done; echo two; exit 6',
        true,
      );
      await stage.logged('one');
      await stage.runtime.close();
      const next = await stage.under.reopen();
      stage.use(next);
      const [found] = await next.listContainers({ labels: { [POD_UID_LABEL]: stage.uid } });
      assert.equal(found?.id, id);
      assert.equal(found.state, 'running');
      assert.equal(found.annotations['note'], 'kept');
      await next.execSync(id, ['touch', 'go'], 10 * stage.patience);
      assert.equal((await stage.ended(id)).exitCode, 6);
      const lines = readFileSync(stage.logFile, 'utf8')
        .split('\n')
        .map((line) => line.split(' ').at(-1));
      assert.deepEqual(lines, ['one', 'two', '']);
    },
  );

  checkReal('an end that nobody saw is known to the next runtime', async (stage) => {
    if (stage.under.reopen === undefined) return;
    const { id } = await stage.runScript('sleep 0.3; echo late; exit 8');
    await stage.runtime.close();
    await new Promise((resolve) => setTimeout(resolve, 600));
    const next = await stage.under.reopen();
    stage.use(next);
    let status = await next.containerStatus(id);
    // On a loaded machine it may end a little later.
    for (let looks = 0; status.state !== 'exited' && looks < 100 * stage.patience; looks++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      status = await next.containerStatus(id);
    }
    assert.equal(status.state, 'exited');
    assert.equal(status.exitCode, 8);
    await stage.logged('late');
  });
}

function rulesOfOwners(check: Check): void {
  check('what another server runs is nobody else’s, until that server is gone for ever', async (stage) => {
    const { under } = stage;
    if (under.openAs === undefined) return;
    const directory = mkdtempSync(join(tmpdir(), 'longshore-owner-'));
    const options = { directory, endsWithProcess: false, random: systemRandom };
    const other = await under.openAs(openOwner(options));
    const own = stage.runtime;
    try {
      stage.use(other);
      const { id, sandboxId } = await stage.run(FOREVER);
      stage.use(own);
      assert.deepEqual(await own.listPodSandboxes({ id: sandboxId }), []);
      assert.deepEqual(await own.listContainers({ id }), []);
      const [seen] = await other.listContainers({ id });
      assert.equal(seen?.state, 'running');
      assert.ok((await own.images.inUse()).has(seen.imageRef), 'its image is in use');
      const isFound = async (): Promise<boolean> =>
        (await own.abandonedSandboxes()).some((each) => each.id === sandboxId);
      assert.equal(await isFound(), false, 'the other server may come back');
      rmSync(directory, { recursive: true });
      assert.equal(await isFound(), true);
      await own.stopPodSandbox(sandboxId);
      await own.removePodSandbox(sandboxId);
      assert.equal(await isFound(), false);
      assert.deepEqual(await other.listContainers(), []);
    } finally {
      await other.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
}

/** One test's sandbox, directory and events. */
class Stage {
  readonly under: RuntimeUnderTest;
  readonly patience: number;
  readonly uid = systemRandom.uuid();
  readonly #directory = mkdtempSync(join(tmpdir(), 'longshore-runtime-test-'));
  readonly #sandboxes: string[] = [];
  readonly #ends = new Map<string, ContainerStatus | undefined>();
  #runtime: Runtime;
  #told: () => void = () => {};
  #stopListening: () => void = () => {};

  constructor(under: RuntimeUnderTest, patience: number) {
    this.under = under;
    this.patience = patience;
    this.#runtime = under.runtime;
    this.use(under.runtime);
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  get logFile(): string {
    return join(this.#directory, 'c', '0.log');
  }

  /** Goes on with another runtime over the same containers. */
  use(runtime: Runtime): void {
    this.#stopListening();
    this.#runtime = runtime;
    this.#stopListening = runtime.onEvent(({ podUid, containerId, status }) => {
      if (podUid !== this.uid) return;
      this.#ends.set(containerId, status);
      this.#told();
    });
  }

  async sandbox(play: Play): Promise<{ sandboxId: string; sandbox: SandboxConfig }> {
    const sandbox: SandboxConfig = {
      metadata: { name: 'p', namespace: 'default', uid: this.uid, attempt: 0 },
      hostname: 'p',
      logDirectory: this.#directory,
      portMappings: [],
      labels: { [POD_UID_LABEL]: this.uid },
      annotations: this.under.annotations?.(play.milliseconds, play.exitCode) ?? {},
      linux: {
        hostNetwork: false,
        hostPid: false,
        hostIpc: false,
        sharePid: false,
        privileged: false,
        supplementalGroups: [],
        readonlyRootfs: false,
        sysctls: {},
      },
    };
    const sandboxId = await this.#runtime.runPodSandbox(sandbox);
    this.#sandboxes.push(sandboxId);
    return { sandboxId, sandbox };
  }

  async run(play: Play, workingDir = ''): Promise<{ id: string; sandboxId: string; sandbox: SandboxConfig }> {
    const { sandboxId, sandbox } = await this.sandbox(play);
    const config = { ...this.containerConfig('c', play), workingDir };
    const id = await this.#runtime.createContainer(sandboxId, config, sandbox);
    await this.#runtime.startContainer(id);
    return { id, sandboxId, sandbox };
  }

  /** @param inTmp whether it works in a directory that it may write to. */
  runScript(script: string, inTmp = false): Promise<{ id: string }> {
    return this.run({ script, milliseconds: 0, exitCode: 0 }, inTmp ? '/tmp' : '');
  }

  /** A container that reads; its standard input ends with the first who was attached. */
  async runReader(script: string, tty: boolean): Promise<{ id: string }> {
    const play = { script, milliseconds: 0, exitCode: 0 };
    const { sandboxId, sandbox } = await this.sandbox(play);
    const config = { ...this.containerConfig('c', play), stdin: true, stdinOnce: true, tty };
    const id = await this.#runtime.createContainer(sandboxId, config, sandbox);
    await this.#runtime.startContainer(id);
    return { id };
  }

  containerConfig(name: string, play: Play): ContainerConfig {
    return {
      metadata: { name, attempt: 0 },
      imageRef: this.under.image,
      image: this.under.image,
      command: ['sh', '-c', play.script],
      args: [],
      workingDir: '',
      env: [{ name: 'GREETING', value: 'hej' }],
      mounts: [],
      labels: { [POD_UID_LABEL]: this.uid, [CONTAINER_NAME_LABEL]: name },
      annotations: { note: 'kept' },
      logPath: `${name}/0.log`,
      stdin: false,
      stdinOnce: false,
      tty: false,
      resources: {
        cpuPeriod: 0,
        cpuQuota: 0,
        cpuShares: 0,
        memoryLimit: 0,
        swapLimit: 0,
        oomScoreAdj: 0,
        hugePages: [],
        unified: {},
      },
      security: {
        privileged: false,
        addCapabilities: [],
        dropCapabilities: [],
        supplementalGroups: [],
        supplementalGroupsPolicy: 'Merge',
        readonlyRootfs: false,
        noNewPrivileges: false,
        maskedPaths: [],
        readonlyPaths: [],
      },
    };
  }

  /** The status of a container once its exit was told. */
  async ended(id: string): Promise<ContainerStatus> {
    while (!this.#ends.has(id)) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
    const status = await this.#runtime.containerStatus(id);
    assert.equal(status.state, 'exited', 'the status knows of the exit before it is told');
    return status;
  }

  /** Resolves when the log has that text. */
  async logged(text: string): Promise<void> {
    for (;;) {
      try {
        if (readFileSync(this.logFile, 'utf8').includes(text)) return;
      } catch {
        // Nothing has been logged yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async clear(): Promise<void> {
    this.#stopListening();
    for (const id of this.#sandboxes) {
      await this.#runtime.stopPodSandbox(id);
      await this.#runtime.removePodSandbox(id);
    }
    await this.#runtime.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

const isNotFound = (error: unknown): boolean => error instanceof RuntimeError && error.kind === 'NotFound';

function pick({ exitCode, reason }: ContainerStatus): object {
  return { exitCode, reason };
}

function pickReady({ ready, networkReady }: { ready: boolean; networkReady: boolean }): object {
  return { ready, networkReady };
}
