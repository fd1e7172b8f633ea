/** A containerd of the test's own: its root, state, socket, network and images are nobody else's, and vanish with it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestMachine } from '../harness/machines.ts';
import { PATIENCE } from '../harness/patience.ts';
import { requireProgram, unmet } from '../harness/requirement.ts';
import { askCri, type CriEngine, removeSandboxes } from './cri-engine.ts';
import { clearAway, end, killAll, mountDisk, untilReady, writeBridgeNetwork } from './engine-process.ts';
import { makePauseImage, PAUSE_IMAGE } from './images.ts';
import { processesWith } from './leftovers.ts';
import { BY_SYSTEMD } from './programs.ts';

/** Where Debian's package containernetworking-plugins puts its programs. */
const CNI_PROGRAMS = '/usr/lib/cni';

/** How long containerd may take to answer, milliseconds. */
const START_MS_MAX = 15_000 * PATIENCE;

/** See the file's head. */
export interface Containerd extends CriEngine {
  /** Of its pods' addresses: `10.1.2.0/24`. */
  readonly subnet: string;
  /** Runs `ctr` against it, in the namespace of Kubernetes' pods; answers what it printed. */
  readonly ctr: (args: readonly string[]) => string;
}

/** What a containerd needs, with what to do where it is missing. */
const NEEDS: readonly (readonly [path: string, hint: string])[] = [
  ['containerd', 'apt-get install containerd'],
  ['runc', 'apt-get install runc'],
  ['ip', 'apt-get install iproute2'],
  ['/bin/busybox', 'apt-get install busybox-static'],
  [join(CNI_PROGRAMS, 'bridge'), 'apt-get install containernetworking-plugins'],
];

/** Whether containers can run here; otherwise the test is skipped, or fails where nothing may skip. */
export function requireContainerd(test: TestContext): boolean {
  if (process.getuid?.() !== 0) return unmet(test, 'only root can start a containerd');
  return NEEDS.every(([program, hint]) => requireProgram(test, program, hint));
}

/** What a test may choose of it. */
export interface ContainerdOptions {
  /** Where it and its pods have their network; default: this machine. */
  readonly machine?: TestMachine | undefined;
  /** Options of a tmpfs for its root (`size=64m`); default: on its directory's disk. */
  readonly disk?: string | undefined;
}

/** Starts one and waits until it can run pods. */
export async function startContainerd({ machine, disk }: ContainerdOptions = {}): Promise<Containerd> {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-containerd-'));
  // Root of a pod with users of its own is nobody on the node, and has to get to its root directory.
  chmodSync(directory, 0o711);
  const bridge = `ls${directory.slice(-6).toLowerCase()}`;
  const endpoint = join(directory, 'containerd.sock');
  const subnet = writeConfiguration(directory, endpoint, bridge);
  if (disk !== undefined) mountDisk(join(directory, 'root'), disk);
  const log = openSync(join(directory, 'containerd.log'), 'w');
  const words = ['--config', join(directory, 'config.toml')];
  const [program, args] = machine?.inside('containerd', words) ?? ['containerd', words];
  const launch = (): ChildProcess => spawn(program, args, { stdio: ['ignore', log, log] });
  let daemon = launch();
  const ctr = (args: readonly string[]): string =>
    execFileSync('ctr', ['--address', endpoint, '--namespace', 'k8s.io', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= remove({ directory, endpoint, bridge, daemon }).finally(() => closeSync(log));
    return stopping;
  };
  const containerd: Containerd = {
    name: 'containerd',
    endpoint,
    directory,
    subnet,
    ctr,
    async importArchive(archive) {
      const before = new Set(namesOf(ctr));
      ctr(['images', 'import', archive]);
      await untilKnown(
        endpoint,
        namesOf(ctr).filter((name) => !before.has(name)),
      );
    },
    async restart(awayMs) {
      await end(daemon, 'SIGKILL');
      await pause(awayMs);
      daemon = launch();
      await answering(endpoint, daemon);
    },
    async killAll() {
      const inside = ctr(['tasks', 'ls'])
        .split('\n')
        .flatMap((line) => / (\d+) +RUNNING/.exec(line)?.[1] ?? []);
      await end(daemon, 'SIGKILL');
      // The shims first, so that nobody is left to take note of how the rest ended.
      killAll([...shimsOf(endpoint), ...inside.map(Number)]);
      daemon = launch();
      await answering(endpoint, daemon);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
  try {
    await answering(endpoint, daemon);
    await containerd.importArchive(makePauseImage(directory));
    return containerd;
  } catch (error) {
    const said = readFileSync(join(directory, 'containerd.log'), 'utf8').slice(-2000);
    await stop();
    throw new Error(`containerd did not start: ${said}`, { cause: error });
  }
}

const namesOf = (ctr: Containerd['ctr']): string[] =>
  ctr(['images', 'ls', '-q'])
    .split('\n')
    .filter((name) => name !== '' && !name.startsWith('sha256:'));

/** Has systemd make the control groups. */
const SYSTEMD_CGROUPS = `  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = true
`;

/** Answers the network of its pods. */
function writeConfiguration(directory: string, endpoint: string, bridge: string): string {
  const network = join(directory, 'net.d');
  mkdirSync(network);
  const config = `version = 2
root = "${directory}/root"
state = "${directory}/state"
[grpc]
  address = "${endpoint}"
[timeouts]
  # After two seconds it would take a sandbox for one without a process, and a loaded machine needs longer to answer.
  "io.containerd.timeout.task.state" = "60s"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Continuous integration may run without CAP_SYS_RESOURCE.
  restrict_oom_score_adj = true
  # By itself it leaves limits of huge pages to the groups of pods.
  disable_hugetlb_controller = false
  netns_mounts_under_state_dir = true
  enable_cdi = true
  cdi_spec_dirs = ["${directory}/cdi"]
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_PROGRAMS}"
    conf_dir = "${network}"
${BY_SYSTEMD ? SYSTEMD_CGROUPS : ''}[plugins."io.containerd.internal.v1.opt"]
  path = "${directory}/opt"
`;
  writeFileSync(join(directory, 'config.toml'), config);
  return writeBridgeNetwork(join(network, '10-longshore.conflist'), bridge, bridge, directory);
}

function answering(endpoint: string, daemon: ChildProcess): Promise<true> {
  return untilReady('containerd', daemon, START_MS_MAX, () =>
    askCri({ endpoint }, async (cri) => {
      const conditions = await cri.status();
      return conditions.length > 0 && conditions.every(({ status }) => status) ? true : undefined;
    }),
  );
}

/** containerd's CRI part learns of an import by an event; until then it denies having the image. */
async function untilKnown(endpoint: string, names: readonly string[]): Promise<void> {
  await askCri({ endpoint }, async (cri) => {
    for (const name of names) {
      while ((await cri.imageStatus(name)) === undefined) await pause(10);
    }
  });
}

interface Remains {
  readonly directory: string;
  readonly endpoint: string;
  readonly bridge: string;
  readonly daemon: ChildProcess;
}

async function remove({ directory, endpoint, bridge, daemon }: Remains): Promise<void> {
  await removeSandboxes({ endpoint }).catch(() => undefined); // It may be half started; the rest is cleared below.
  await end(daemon, 'SIGTERM');
  killAll(shimsOf(endpoint));
  clearAway(directory, bridge);
}

/** Process ids of the shims that a containerd left behind: each has the path of its socket among its arguments. */
function shimsOf(endpoint: string): number[] {
  return processesWith((program, args) => program.includes('containerd-shim') && args.includes(endpoint));
}
