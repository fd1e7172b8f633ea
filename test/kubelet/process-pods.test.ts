/** Pods as processes of this machine, against the real API server, on real time. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import type { DeepReadonly, Draft } from '../../src/apimachinery/meta/object.ts';
import { systemRandom } from '../../src/apimachinery/random.ts';
import { isNotFound } from '../../src/apimachinery/status-error.ts';
import { type PodLogOptions, usageIn } from '../../src/apis/core/index.ts';
import type { Container, Pod, Secret } from '../../src/apis/core/types.ts';
import { PODS, SECRETS } from '../../src/client/index.ts';
import { Cgroups, cgroupTraits } from '../../src/kubelet/cgroups/index.ts';
import {
  type Kubelet,
  type Machine,
  newProcessRuntime,
  openOwner,
  type Runtime,
} from '../../src/kubelet/index.ts';
import { RuntimeError } from '../../src/kubelet/runtimes/runtime-error.ts';
import { processesWith } from '../containers/leftovers.ts';
import { removeGroupsAtTheEnd } from '../harness/owner-remains.ts';
import { PATIENCE } from '../harness/patience.ts';
import { eventually, poll } from '../harness/poll.ts';
import { unmet } from '../harness/requirement.ts';
import { KubeletWorld, MACHINE } from './world.ts';

interface Stage {
  readonly world: KubeletWorld;
  readonly directory: string;
  kubelet: Kubelet;
  runtime: Runtime;
  /** Ends the agent as a server's end does, and starts the next one on the same directory. */
  restart(): Promise<void>;
}

const ALL: Omit<PodLogOptions, 'container'> = { follow: false, previous: false, timestamps: false };

async function stage(t: TestContext, machine: Partial<Machine> = {}): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-kubelet-test-'));
  const world = await KubeletWorld.open(systemClock);
  const [clock, random] = [systemClock, systemRandom];
  const open = (): Runtime => {
    const owner = openOwner({ directory, endsWithProcess: false, random });
    return newProcessRuntime({ clock, random, owner, directory: join(directory, 'process') });
  };
  const runtime = open();
  removeGroupsAtTheEnd(directory);
  const made: Stage = {
    world,
    directory,
    runtime,
    kubelet: world.kubelet(runtime, directory, { machine: { ...MACHINE, ...machine } }),
    async restart() {
      await made.kubelet.stop();
      await made.runtime.close();
      made.runtime = open();
      made.kubelet = world.kubelet(made.runtime, directory);
      await made.kubelet.start();
    },
  };
  await made.kubelet.start();
  t.after(async () => {
    await world.close();
    await made.runtime.close();
    // A test that failed may have left its runtime closed, and its pods running.
    const last = open();
    for (const { id } of await last.listPodSandboxes()) await last.stopPodSandbox(id);
    await last.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return made;
}

const shell = (script: string, more: Partial<Container> = {}): { containers: Container[] } => ({
  containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script], ...more }],
});

const ended = ({ status }: DeepReadonly<Pod>): boolean =>
  status.phase === 'Succeeded' || status.phase === 'Failed';
const isRunning = ({ status }: DeepReadonly<Pod>): boolean => status.phase === 'Running';
const waiting = (pod: DeepReadonly<Pod>) => pod.status.containerStatuses?.[0]?.state?.waiting;

async function logOf(
  { kubelet, world }: Stage,
  name: string,
  request: Partial<PodLogOptions> = {},
  signal?: AbortSignal,
): Promise<string> {
  const bytes = await kubelet.logs(await world.pod(name), { ...ALL, container: 'main', ...request }, signal);
  let text = '';
  for await (const block of bytes) text += Buffer.from(block).toString();
  return text;
}

test('a pod sees its environment, its volumes below its working directory, and its last words are kept', async (t) => {
  const s = await stage(t);
  await s.world.createConfigMap('settings', { greeting: 'ahoy', 'file.txt': 'content' });
  await s.world.client.create(SECRETS, 'default', {
    metadata: { name: 'hidden' },
    data: { word: Buffer.from('sesame').toString('base64') },
  } as DeepReadonly<Draft<Secret>>);
  const script = `
    echo "$GREETING $WORD $POD $EXPANDED $LIMIT"
    cat etc/settings/file.txt; echo
    cat pod/labels; echo
    cat one/word; echo
    echo shared > scratch/file; cat "$LONGSHORE_VOLUME_SCRATCH/file"
    echo inner > part/x; ls scratch/below
    echo "last words" > "$LONGSHORE_TERMINATION_LOG"; exit 5`;
  await s.world.createPod('p', {
    ...shell(script, {
      resources: { limits: { cpu: '1500m' } },
      env: [
        { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } },
        { name: 'WORD', valueFrom: { secretKeyRef: { name: 'hidden', key: 'word' } } },
        { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'EXPANDED', value: '$(GREETING)-$(NOBODY)-$$(POD)' },
        { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      ],
      volumeMounts: [
        { name: 'settings', mountPath: '/etc/settings' },
        { name: 'scratch', mountPath: '/scratch' },
        { name: 'scratch', mountPath: '/part', subPath: 'below' },
        { name: 'self', mountPath: '/pod' },
        { name: 'mix', mountPath: '/one' },
      ],
    }),
    volumes: [
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'scratch', emptyDir: {} },
      {
        name: 'self',
        downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.namespace' } }] },
      },
      { name: 'mix', projected: { sources: [{ secret: { name: 'hidden' } }] } },
    ],
  });
  const { status } = await s.world.until('p', ended);
  assert.equal(
    await logOf(s, 'p'),
    'ahoy sesame p ahoy-$(NOBODY)-$(POD) 2\ncontent\ndefault\nsesame\nshared\nx\n',
  );
  const terminated = status.containerStatuses?.[0]?.state?.terminated;
  assert.equal(terminated?.exitCode, 5);
  assert.equal(terminated?.message, 'last words\n');
  assert.match(terminated?.containerID ?? '', /^process:\/\//);
});

test('a log can be had in part, with times, limited, and from the run before', async (t) => {
  const s = await stage(t);
  const script =
    'echo one; echo two; echo three; [ -e "$LONGSHORE_VOLUME_V/again" ] && exec sleep 100; touch "$LONGSHORE_VOLUME_V/again"; exit 1';
  await s.world.createPod('p', {
    ...shell(script, { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    restartPolicy: 'OnFailure',
    volumes: [{ name: 'v', emptyDir: {} }],
  });
  await s.world.until('p', (pod) => pod.status.containerStatuses?.[0]?.restartCount === 1 && isRunning(pod));
  assert.equal(await logOf(s, 'p', { previous: true }), 'one\ntwo\nthree\n');
  assert.equal(await logOf(s, 'p', { previous: true, tailLines: 2 }), 'two\nthree\n');
  assert.equal(await logOf(s, 'p', { previous: true, tailLines: 0 }), '');
  assert.equal(await logOf(s, 'p', { previous: true, limitBytes: 6 }), 'one\ntw');
  assert.match(
    await logOf(s, 'p', { previous: true, timestamps: true, tailLines: 1 }),
    /^\d{4}-\S+Z three\n$/,
  );
  assert.equal(await logOf(s, 'p', { previous: true, sinceTime: '2100-01-01T00:00:00Z' }), '');
});

test('a log is followed until the container ends', async (t) => {
  const s = await stage(t);
  await s.world.createPod('p', shell('echo first; while [ ! -e go ]; do sleep 0.02; done; echo last'));
  await s.world.until('p', isRunning);
  const following = logOf(s, 'p', { follow: true });
  const [container] = await s.runtime.listContainers();
  await s.runtime.execSync(container?.id ?? '', ['touch', 'go'], 5 * PATIENCE);
  assert.equal(await following, 'first\nlast\n');
});

test('a follower who leaves is let go', async (t) => {
  const s = await stage(t);
  await s.world.createPod('p', shell('echo first; exec sleep 100'));
  await s.world.until('p', isRunning);
  const leaving = new AbortController();
  const request = { ...ALL, container: 'main', follow: true };
  let text = '';
  for await (const block of await s.kubelet.logs(await s.world.pod('p'), request, leaving.signal)) {
    text += Buffer.from(block).toString();
    leaving.abort();
  }
  assert.equal(text, 'first\n');
});

test('a container that has not begun, or never ran before, has no log, and is told so', async (t) => {
  const s = await stage(t);
  await s.world.createPod('p', { containers: [{ name: 'main', image: 'busybox' }] });
  await s.world.until('p', (pod) => waiting(pod)?.reason === 'CreateContainerError');
  await assert.rejects(
    logOf(s, 'p'),
    /container "main" in pod "p" is waiting to start: CreateContainerError/,
  );
  await assert.rejects(
    logOf(s, 'p', { previous: true }),
    /previous terminated container "main" in pod "p" not found/,
  );
});

test('what processes cannot honour is refused with a reason and an event', async (t) => {
  const s = await stage(t);
  const refused: readonly (readonly [string, Parameters<KubeletWorld['createPod']>[1], RegExp])[] = [
    [
      'entrypoint',
      { containers: [{ name: 'main', image: 'busybox' }] },
      /has no command.*does not read images/,
    ],
    ['privileged', shell('true', { securityContext: { privileged: true } }), /cannot give privileges/],
    // One that nobody has: those of its server a process may have.
    ['capability', shell('true', { securityContext: { capabilities: { add: ['FLY'] } } }), /\(FLY\)/],
    ['port', shell('true', { ports: [{ containerPort: 80, hostPort: 8080 }] }), /port 8080 of the node/],
  ];
  for (const [name, spec] of refused) await s.world.createPod(name, spec);
  for (const [name, , says] of refused) {
    const pod = await s.world.until(name, (each) => waiting(each)?.reason === 'CreateContainerError');
    assert.match(waiting(pod)?.message ?? '', says);
  }
  assert.ok((await s.world.events('privileged')).some((event) => /^Failed: Error: .*privileges/.test(event)));
});

test('a volume whose ConfigMap is missing keeps the pod waiting with an event, until it is there', async (t) => {
  const s = await stage(t);
  await s.world.createPod('p', {
    ...shell('cat etc/late', { volumeMounts: [{ name: 'v', mountPath: '/etc' }] }),
    volumes: [{ name: 'v', configMap: { name: 'late' } }],
  });
  await s.world.until('p', (pod) => waiting(pod)?.reason === 'ContainerCreating');
  await s.world.createConfigMap('late', { late: 'here' });
  await s.world.until('p', ended);
  assert.equal(await logOf(s, 'p'), 'here');
  const events = await s.world.events('p');
  assert.ok(
    events.includes('FailedMount: MountVolume.SetUp failed for volume "v" : configmap "late" not found'),
    events.join('; '),
  );
});

test('a command that does not exist fails the pod with StartError', async (t) => {
  const s = await stage(t);
  await s.world.createPod('p', { containers: [{ name: 'main', image: 'i', command: ['no-such-program'] }] });
  const { status } = await s.world.until('p', ended);
  const terminated = status.containerStatuses?.[0]?.state?.terminated;
  assert.equal(status.phase, 'Failed');
  assert.equal(terminated?.exitCode, 128);
  assert.equal(terminated?.reason, 'StartError');
  assert.match(terminated?.message ?? '', /exec: "no-such-program": executable file not found in \$PATH/);
});

test('the log stands in for a missing last word where the policy says so', async (t) => {
  const s = await stage(t);
  await s.world.createPod(
    'p',
    shell('echo it broke >&2; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' }),
  );
  const { status } = await s.world.until('p', ended);
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.message, 'it broke\n');
});

test('a deleted pod may end in its own way, and then nothing of it is left', async (t) => {
  const s = await stage(t);
  const { metadata } = await s.world.createPod(
    'p',
    shell('trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.02; done'),
  );
  await s.world.until('p', isRunning);
  const following = logOf(s, 'p', { follow: true });
  await poll('it can be told to end', async () => /ready/.test(await logOf(s, 'p')));
  await s.world.client.delete(PODS, 'default', 'p');
  assert.match(await following, /ready\nbye\n$/);
  await poll('the pod is gone', async () => !(await exists(s, 'p')));
  await poll('its logs are gone', () => readdirSync(join(s.directory, 'pods')).length === 0);
  assert.deepEqual(readdirSync(join(s.directory, 'process')), []);
  assert.equal(existsSync(join(s.directory, 'pod-files', metadata.uid)), false);
});

async function exists({ world }: Stage, name: string): Promise<boolean> {
  return world.pod(name).then(
    () => true,
    (error) => {
      assert.ok(isNotFound(error));
      return false;
    },
  );
}

test('what a container leaves running ends with it', async (t) => {
  const s = await stage(t);
  const seconds = String(1e8 + process.pid);
  await s.world.createPod('p', shell(`sleep ${seconds} & echo begun`));
  await s.world.until('p', ended);
  assert.equal(await logOf(s, 'p'), 'begun\n');
  assert.deepEqual(runningWith(seconds), []);
});

/** Processes of this machine with that argument; one that only waits for its parent to take notice has none. */
function runningWith(argument: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument);
      } catch {
        return false; // It has ended meanwhile.
      }
    });
}

function requireNamespaces(t: TestContext): boolean {
  return process.getuid?.() === 0 || unmet(t, 'only root makes namespaces for processes');
}

test('with namespaces, volumes are where the pod asks for them, and nothing is seen outside', async (t) => {
  if (!requireNamespaces(t)) return;
  const s = await stage(t);
  await s.world.createConfigMap('settings', { 'run.sh': '#!/bin/sh\necho "ran in $PWD"', word: 'ahoy' });
  const script = `
    cat /etc/longshore-settings/word; echo
    cat /longshore/deep/settings/word; echo
    echo shared > /longshore/scratch/file; cat "$LONGSHORE_VOLUME_SCRATCH/file" file
    cat /longshore/scratch/inner/word; echo
    touch /etc/longshore-settings/other 2>/dev/null || echo read-only
    test -s /etc/passwd && test -d /usr/bin && test -c /dev/null && echo machine
    test $(ls /proc | grep -c "^[0-9]") -lt 20 && echo alone
    /longshore/deep/settings/run.sh
    touch /longshore-new; until test -e /longshore/scratch/go; do sleep 0.02; done`;
  await s.world.createPod('p', {
    ...shell(script, {
      workingDir: '/longshore/scratch',
      volumeMounts: [
        { name: 'settings', mountPath: '/etc/longshore-settings' },
        { name: 'settings', mountPath: '/longshore/deep/settings' },
        { name: 'scratch', mountPath: '/longshore/scratch' },
        { name: 'settings', mountPath: '/longshore/scratch/inner' },
      ],
    }),
    volumes: [
      { name: 'settings', configMap: { name: 'settings', defaultMode: 0o755 } },
      { name: 'scratch', emptyDir: {} },
    ],
  });
  await s.world.until('p', isRunning);
  await poll('it has come to its end', async () => /ran in/.test(await logOf(s, 'p')));
  const [container] = await s.runtime.listContainers();
  const { stdout } = await s.runtime.execSync(
    container?.id ?? '',
    ['sh', '-c', 'cat /longshore/deep/settings/word; touch go'],
    5 * PATIENCE,
  );
  assert.equal(Buffer.from(stdout).toString(), 'ahoy');
  assert.equal(existsSync('/longshore'), false);
  assert.equal(existsSync('/etc/longshore-settings'), false);
  const { status } = await s.world.until('p', ended);
  assert.equal(status.phase, 'Succeeded', await logOf(s, 'p'));
  assert.match(
    await logOf(s, 'p'),
    /^ahoy\nahoy\nshared\nshared\nahoy\nread-only\nmachine\nalone\nran in \/longshore\/scratch\n$/,
  );
  assert.equal(existsSync('/longshore-new'), false);
  assert.equal(readFileSync('/proc/self/mounts', 'utf8').includes(s.directory), false);
});

test('with namespaces, a command beside a container that has just begun sees what it sees', async (t) => {
  if (!requireNamespaces(t)) return;
  const s = await stage(t);
  await s.world.createConfigMap('settings', { word: 'ahoy' });
  // A directory that the machine does not have, and one that it has.
  for (const [name, mountPath, tty] of [
    ['root', '/longshore', false],
    ['terminal', '/longshore', true],
    ['mounts', '/mnt', false],
    ['mounts-terminal', '/mnt', true],
  ] as const) {
    await s.world.createPod(name, {
      ...shell('sleep 1000', { tty, stdin: tty, volumeMounts: [{ name: 'settings', mountPath }] }),
      volumes: [{ name: 'settings', configMap: { name: 'settings' } }],
    });
    const id = await eventually(
      async () => {
        const all = await s.runtime.listContainers();
        return all.find(({ state, labels }) => {
          return state === 'running' && labels['io.kubernetes.pod.name'] === name;
        })?.id;
      },
      () => `${name} does not run`,
    );
    const { stdout, stderr } = await s.runtime.execSync(id, ['cat', `${mountPath}/word`], 5 * PATIENCE);
    assert.equal(Buffer.from(stdout).toString(), 'ahoy', `${name}: ${Buffer.from(stderr).toString()}`);
  }
});

test('with namespaces, what flees from its session ends with its container all the same', async (t) => {
  if (!requireNamespaces(t)) return;
  const s = await stage(t);
  const seconds = String(2e8 + process.pid);
  await s.world.createPod('p', shell(`setsid sleep ${seconds} & echo $$$$`));
  await s.world.until('p', ended);
  assert.ok(Number(await logOf(s, 'p')) < 100, 'its processes are numbered anew');
  assert.deepEqual(runningWith(seconds), []);
});

test('with namespaces, a process is the user that the pod asks for', async (t) => {
  if (!requireNamespaces(t)) return;
  const s = await stage(t);
  const script =
    'id -u; id -g; id -G; echo mine > /longshore-scratch/file && cat longshore-scratch/file; touch here && echo here';
  await s.world.createPod('p', {
    ...shell(script, {
      securityContext: { runAsUser: 4711, runAsGroup: 4712, allowPrivilegeEscalation: false },
      volumeMounts: [{ name: 'scratch', mountPath: '/longshore-scratch' }],
    }),
    securityContext: { fsGroup: 4713 },
    volumes: [{ name: 'scratch', emptyDir: {} }],
  });
  const { status } = await s.world.until('p', ended);
  assert.equal(await logOf(s, 'p'), '4711\n4712\n4712 4713\nmine\nhere\n');
  assert.equal(status.phase, 'Succeeded');
});

test('with namespaces, a volume where the machine has something else is refused with the reason', async (t) => {
  if (!requireNamespaces(t)) return;
  const s = await stage(t);
  await s.world.createPod('p', {
    ...shell('true', { volumeMounts: [{ name: 'scratch', mountPath: '/etc/passwd' }] }),
    volumes: [{ name: 'scratch', emptyDir: {} }],
  });
  const pod = await s.world.until('p', (each) => waiting(each)?.reason === 'CreateContainerError');
  assert.match(waiting(pod)?.message ?? '', /\/etc\/passwd is a file of this machine/);
});

test('a pod outlives its node agent: it is found again, runs once, and its whole log is there', async (t) => {
  const s = await stage(t);
  const script = 'echo begun; while [ ! -e go ]; do sleep 0.02; done; echo done; exit 7';
  const { metadata } = await s.world.createPod('p', shell(script));
  await s.world.until('p', isRunning);
  await s.restart();
  const [container] = await s.runtime.listContainers();
  await s.runtime.execSync(container?.id ?? '', ['touch', 'go'], 5 * PATIENCE);
  const { status } = await s.world.until('p', ended);
  assert.equal(status.phase, 'Failed');
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.exitCode, 7);
  assert.equal(status.containerStatuses?.[0]?.restartCount, 0);
  assert.equal(await logOf(s, 'p'), 'begun\ndone\n');
  assert.ok(metadata.uid);
});

test('a pod that ended while no agent was there is told by the next one', async (t) => {
  const s = await stage(t);
  await s.world.createPod(
    'p',
    shell(`while [ ! -e '${join(s.directory, 'go')}' ]; do sleep 0.02; done; echo unseen`),
  );
  await s.world.until('p', isRunning);
  await s.kubelet.stop();
  await s.runtime.close();
  writeFileSync(join(s.directory, 'go'), '');
  // Its supervisor writes down its end, whoever is there to see it.
  const hasEnded = () =>
    readdirSync(join(s.directory, 'process'), { recursive: true }).some(
      (path) => basename(String(path)) === 'exit',
    );
  await poll('the supervisor has written', hasEnded);
  await s.restart();
  const { status } = await s.world.until('p', ended);
  assert.equal(status.phase, 'Succeeded');
  assert.equal(await logOf(s, 'p'), 'unseen\n');
});

test('a pod that was deleted while no agent was there is ended and cleared away by the next one', async (t) => {
  const s = await stage(t);
  await s.world.createPod('p', shell('exec sleep 86312'));
  await s.world.until('p', isRunning);
  await s.kubelet.stop();
  await s.runtime.close();
  await s.world.client.delete(PODS, 'default', 'p', { gracePeriodSeconds: 0 });
  await s.restart();
  assert.deepEqual(await s.runtime.listContainers(), []);
  assert.deepEqual(readdirSync(join(s.directory, 'pods')), []);
});

test('a runtime that is closed refuses a stop that waits for its container, and every later one', async (t) => {
  const s = await stage(t);
  await s.world.createPod('p', shell('trap "" TERM; echo deaf; while :; do sleep 0.02; done'));
  await poll(
    'it heeds nothing',
    async () => isRunning(await s.world.pod('p')) && /deaf/.test(await logOf(s, 'p')),
  );
  const [container] = await s.runtime.listContainers();
  const id = container?.id ?? '';
  const unavailable = { name: 'RuntimeError', kind: 'Unavailable' };
  const refused = assert.rejects(s.runtime.stopContainer(id, 600), unavailable);
  await s.kubelet.stop();
  await s.runtime.close();
  await refused;
  await assert.rejects(s.runtime.stopContainer(id, 0), unavailable);
  await s.restart();
  assert.equal((await s.runtime.containerStatus(id)).state, 'running', 'it goes on');
});

test('an agent that is told to ends its pods when it stops', async (t) => {
  const s = await stage(t);
  await s.kubelet.stop();
  s.kubelet = s.world.kubelet(s.runtime, s.directory, { killPodsOnStop: true });
  await s.kubelet.start();
  await s.world.createPod('p', shell('exec sleep 86313'));
  await s.world.until('p', isRunning);
  await s.kubelet.stop();
  assert.deepEqual(await s.runtime.listContainers(), []);
});

test('the agent says once that processes are not isolated', async (t) => {
  const s = await stage(t);
  const told = async () =>
    (await s.world.events('node')).filter((event) => event.startsWith('RuntimeLimits'));
  await poll('it is told', async () => (await told()).length > 0);
  assert.equal((await told()).length, 1);
  assert.match((await told())[0] ?? '', /nothing isolates them/);
});

test('a container that fails its liveness probe is ended and started again', async (t) => {
  const s = await stage(t);
  const probe = { exec: { command: ['test', '!', '-e', 'ill'] }, periodSeconds: 1, failureThreshold: 1 };
  const script =
    'echo run; [ -e "$LONGSHORE_VOLUME_V/again" ] && exec sleep 100; touch ill "$LONGSHORE_VOLUME_V/again"; exec sleep 100';
  await s.world.createPod('p', {
    ...shell(script, { livenessProbe: probe, volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    restartPolicy: 'Always',
    volumes: [{ name: 'v', emptyDir: {} }],
  });
  const { status } = await s.world.until('p', (pod) => pod.status.containerStatuses?.[0]?.restartCount === 1);
  assert.equal(status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 143);
  const events = await s.world.events('p');
  assert.ok(
    events.some((event) => event.startsWith('Unhealthy: Liveness probe failed:')),
    events.join(),
  );
  assert.ok(
    events.includes('Killing: Container main failed liveness probe, will be restarted'),
    events.join(),
  );
});

test('readiness follows the readiness probe, which begins after the startup probe', async (t) => {
  const s = await stage(t);
  const script = 'sleep 0.3; touch up; sleep 0.7; touch serving; exec sleep 100';
  await s.world.createPod(
    'p',
    shell(script, {
      startupProbe: { exec: { command: ['test', '-e', 'up'] }, periodSeconds: 1, failureThreshold: 30 },
      readinessProbe: { exec: { command: ['test', '-e', 'serving'] }, periodSeconds: 1 },
    }),
  );
  const before = await s.world.until('p', isRunning);
  assert.equal(before.status.containerStatuses?.[0]?.started, false);
  assert.equal(before.status.containerStatuses?.[0]?.ready, false);
  const { status } = await s.world.until('p', (pod) => pod.status.containerStatuses?.[0]?.ready === true);
  assert.equal(status.containerStatuses?.[0]?.started, true);
  assert.equal(status.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');
});

test('hooks run after the start and before the end, and a failed postStart ends the container', async (t) => {
  const s = await stage(t);
  const exec = (text: string) => ({ exec: { command: ['sh', '-c', text] } });
  await s.world.createPod(
    'p',
    shell(
      'while [ ! -e started ]; do sleep 0.02; done; echo started; while [ ! -e stopping ]; do sleep 0.02; done; echo stopping; touch stopped; exec sleep 100',
      {
        lifecycle: {
          postStart: exec('touch started'),
          preStop: exec('touch stopping; until [ -e stopped ]; do sleep 0.02; done'),
        },
      },
    ),
  );
  await s.world.createPod('q', shell('exec sleep 100', { lifecycle: { postStart: exec('exit 1') } }));
  await s.world.until('p', isRunning);
  const following = logOf(s, 'p', { follow: true });
  await s.world.client.delete(PODS, 'default', 'p');
  assert.equal(await following, 'started\nstopping\n');
  const { status } = await s.world.until('q', ended);
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.exitCode, 143);
  assert.ok((await s.world.events('q')).includes('FailedPostStartHook: PostStartHook failed'));
});

test('what a process used is told with its pod, where there are control groups', async (t) => {
  if ((await Cgroups.find(systemClock)) === undefined) {
    unmet(t, 'this process may not make control groups: run it as root on Linux');
    return;
  }
  const s = await stage(t);
  const busy = 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done';
  await s.world.createPod('p', {
    ...shell(busy),
    initContainers: [{ name: 'first', image: 'busybox', command: ['sh', '-c', 'true'] }],
  });
  const { metadata, status } = await s.world.until('p', ended);
  assert.equal(status.phase, 'Succeeded');
  const used = usageIn(metadata.annotations);
  assert.deepEqual([...used.keys()].sort(), ['first', 'main']);
  const { cpuSeconds = 0, peakMemoryBytes = 0 } = used.get('main') ?? {};
  assert.ok(cpuSeconds > 0.01 && cpuSeconds < 60 && peakMemoryBytes > 100_000, JSON.stringify([...used]));
});

/** Where the files of control groups are that belong to a process: of each controller in version 1, of all in version 2. */
function groupFilesOf(text: string): (controller: string, name: string) => string {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.split(':'));
  const isFirst = existsSync('/sys/fs/cgroup/memory');
  return (controller, name) => {
    const [, , path = ''] =
      lines.find(([, list = '']) => list.split(',').includes(isFirst ? controller : '')) ?? [];
    return readFileSync(join('/sys/fs/cgroup', isFirst ? controller : '', path, name), 'utf8').trim();
  };
}

test('a process is held to the limits of its container, which may change, where there are control groups', async (t) => {
  const cgroups = await Cgroups.find(systemClock);
  if (cgroups === undefined) {
    unmet(t, 'this process may not make control groups: run it as root on Linux');
    return;
  }
  const s = await stage(t, { cgroups: await cgroupTraits() });
  const limits = (cpu: string, memory: string) => ({ resources: { limits: { cpu, memory } } });
  await s.world.createPod('p', shell('exec sleep 86314', limits('500m', '64Mi')));
  await s.world.until('p', isRunning);
  const [container] = await s.runtime.listContainers();
  const groups = async () => {
    // What runs beside it is in its group too.
    const { stdout } = await s.runtime.execSync(
      container?.id ?? '',
      ['cat', '/proc/self/cgroup'],
      5 * PATIENCE,
    );
    const text = Buffer.from(stdout).toString();
    assert.match(text, /\/kubepods\/pod[^/]+\/main-0$/m);
    const file = groupFilesOf(text);
    if (cgroups.version === 1) {
      return [file('cpu', 'cpu.cfs_quota_us'), file('memory', 'memory.limit_in_bytes')];
    }
    assert.equal(file('', 'memory.oom.group'), '1');
    return [file('', 'cpu.max').replace(/ 100000$/, ''), file('', 'memory.max')];
  };
  assert.deepEqual(await groups(), ['50000', String(64 << 20)]);
  const more = { limits: { cpu: '1', memory: '96Mi' }, requests: { cpu: '1', memory: '96Mi' } };
  const patch = { spec: { containers: [{ name: 'main', resources: more }] } };
  await s.world.client.patch(PODS, 'default', 'p', 'application/strategic-merge-patch+json', patch, 'resize');
  await s.world.until('p', ({ status }) => status.containerStatuses?.[0]?.resources?.limits?.['cpu'] === '1');
  assert.deepEqual(await groups(), ['100000', String(96 << 20)]);
});

test('a process that needs too much memory is told as OOMKilled, and so is a child of one', async (t) => {
  if ((await Cgroups.find(systemClock)) === undefined) {
    unmet(t, 'this process may not make control groups: run it as root on Linux');
    return;
  }
  const s = await stage(t, { cgroups: await cgroupTraits() });
  const limited = { resources: { limits: { memory: '32Mi' } } };
  await s.world.createPod('p', shell('exec tail /dev/zero', limited));
  await s.world.createPod('q', shell('tail /dev/zero; exit 3', limited));
  const endOf = async (name: string) => {
    const { terminated } = (await s.world.until(name, ended)).status.containerStatuses?.[0]?.state ?? {};
    return [terminated?.exitCode, terminated?.reason];
  };
  assert.deepEqual(await endOf('p'), [137, 'OOMKilled']);
  // With version 2 a container goes as a whole.
  const whole = !existsSync('/sys/fs/cgroup/memory');
  assert.deepEqual(await endOf('q'), [whole ? 137 : 3, 'OOMKilled']);
});

test('a container that ends well because it failed its liveness probe has not done its work', async (t) => {
  const s = await stage(t);
  const script = 'trap "exit 0" TERM; [ -e v/again ] && exit 0; touch v/again; while :; do sleep 0.1; done';
  const livenessProbe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 };
  const more = { livenessProbe, volumeMounts: [{ name: 'v', mountPath: '/v' }] };
  await s.world.createPod('p', {
    ...shell(script, more),
    volumes: [{ name: 'v', emptyDir: {} }],
    restartPolicy: 'OnFailure',
  });
  const { status } = await s.world.until('p', ended);
  const { restartCount, lastState } = status.containerStatuses?.[0] ?? {};
  assert.deepEqual([status.phase, restartCount, lastState?.terminated?.exitCode], ['Succeeded', 1, 0]);
});

test('what has ended is told while a sidecar still takes its time to end', async (t) => {
  const s = await stage(t);
  const deaf = 'trap "" TERM; while :; do sleep 0.1; done';
  const beside = { name: 'beside', image: 'busybox', command: ['sh', '-c', deaf], restartPolicy: 'Always' };
  await s.world.createPod('p', {
    ...shell('exit 0'),
    initContainers: [beside as Container],
    terminationGracePeriodSeconds: 5 * PATIENCE,
  });
  const told = await s.world.until('p', ({ status }) => {
    return status.containerStatuses?.[0]?.state?.terminated !== undefined;
  });
  assert.equal(told.status.phase, 'Running');
  assert.ok(told.status.initContainerStatuses?.[0]?.state?.running, 'the sidecar runs');
  const ready = told.status.conditions?.find(({ type }) => type === 'Ready');
  assert.deepEqual([ready?.status, ready?.reason], ['False', 'ContainersNotReady']);
  assert.equal((await s.world.until('p', ended)).status.phase, 'Succeeded');
});

test('processes whose agent is gone, and its directory with it, are ended by another agent', async (t) => {
  if (process.platform !== 'linux') return void unmet(t, 'whose processes they are is read from /proc');
  const lost = await stage(t);
  await lost.world.createPod('p', shell('echo begun; exec sleep 600'));
  await lost.world.until('p', isRunning);
  // Then nobody writes any more to the directory that is to go.
  await poll('its command runs', async () => /begun/.test(await logOf(lost, 'p')));
  const ofIts = (): readonly number[] =>
    processesWith((_, args) => args.some((arg) => arg.startsWith(`${lost.directory}/`)));
  await lost.kubelet.stop();
  await lost.runtime.close();
  const next = await stage(t);
  assert.ok(ofIts().length > 0, 'they go on: their agent may come back');
  await rm(lost.directory, { recursive: true });
  await next.restart();
  await poll('they have ended', () => ofIts().length === 0);
});

/** A runtime that goes away at its first start of a container, and perhaps the pod's sandbox with it; answers how many starts came. */
async function leavingAtStart(s: Awaited<ReturnType<typeof stage>>, losesSandbox: boolean) {
  await s.kubelet.stop();
  let starts = 0;
  let made: string | undefined;
  const leaving = new Proxy(s.runtime, {
    get(runtime, name) {
      if (name === 'startContainer' && ++starts === 1) {
        return (id: string) => {
          made = id;
          return Promise.reject(new RuntimeError('Unavailable', 'the runtime went away'));
        };
      }
      if (name === 'podSandboxStatus' && losesSandbox && made !== undefined) {
        return async (id: string) => ({ ...(await runtime.podSandboxStatus(id)), state: 'notready' });
      }
      const value: unknown = Reflect.get(runtime, name, runtime);
      return typeof value === 'function' ? value.bind(runtime) : value;
    },
  });
  s.kubelet = s.world.kubelet(leaving, s.directory);
  await s.kubelet.start();
  return () => starts;
}

test('a container that was made while its runtime went away, and never started, is made again and runs once', async (t) => {
  const s = await stage(t);
  const starts = await leavingAtStart(s, false);
  await s.world.createPod('p', shell('echo ran'));
  const { status } = await s.world.until('p', ended);
  assert.equal(status.phase, 'Succeeded');
  assert.equal(status.containerStatuses?.[0]?.restartCount, 0);
  assert.equal(starts(), 2);
});

test('a container that was made, and whose sandbox went away too, may have run: it does not run again', async (t) => {
  const s = await stage(t);
  const starts = await leavingAtStart(s, true);
  await s.world.createPod('p', shell('echo ran'));
  const { status } = await s.world.until('p', ended);
  assert.equal(status.phase, 'Failed');
  const { terminated } = status.containerStatuses?.[0]?.state ?? {};
  assert.deepEqual([terminated?.exitCode, terminated?.reason], [137, 'ContainerStatusUnknown']);
  assert.equal(starts(), 1);
});

test('a pod that had ended and was to go when its agent was killed is let go by the next one', async (t) => {
  const s = await stage(t);
  await s.kubelet.stop();
  await s.world.createPod('p', shell('true'));
  await s.world.client.delete(PODS, 'default', 'p');
  const pod = await s.world.pod('p');
  assert.ok(pod.metadata.deletionTimestamp, 'its node is waited for');
  await s.world.client.updateStatus(PODS, { ...pod, status: { ...pod.status, phase: 'Failed' } });
  await s.restart();
  await poll('it is gone', async () => !(await exists(s, 'p')));
});
