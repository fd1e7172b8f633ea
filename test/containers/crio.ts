/** A CRI-O of the test's own: its storage, state, socket, network and images are nobody else's, and vanish with it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { PATIENCE } from '../harness/patience.ts';
import { requireProgram, unmet } from '../harness/requirement.ts';
import { askCri, type CriEngine, removeSandboxes } from './cri-engine.ts';
import { clearAway, end, killAll, mountDisk, untilReady, writeBridgeNetwork } from './engine-process.ts';
import './programs.ts';
import { makePauseImage, PAUSE_IMAGE } from './images.ts';
import { processesWith } from './leftovers.ts';

/** Where Debian's package containernetworking-plugins puts its programs. */
const CNI_PROGRAMS = '/usr/lib/cni';

/** How long CRI-O may take to answer on a loaded machine, milliseconds. */
const START_MS_MAX = 60_000 * PATIENCE;

/** What it needs, with what to do where it is missing. */
const NEEDS: readonly (readonly [path: string, hint: string])[] = [
  ['crio', 'build it from github.com/cri-o/cri-o and name the folder in LONGSHORE_TEST_PROGRAMS'],
  ['pinns', 'it is built with CRI-O: name the folder in LONGSHORE_TEST_PROGRAMS'],
  ['conmon', 'apt-get install conmon'],
  ['runc', 'apt-get install runc'],
  ['skopeo', 'apt-get install skopeo'],
  ['ip', 'apt-get install iproute2'],
  ['/bin/busybox', 'apt-get install busybox-static'],
  [join(CNI_PROGRAMS, 'bridge'), 'apt-get install containernetworking-plugins'],
];

/** Whether it can run here; otherwise the test is skipped, or fails where nothing may skip. */
export function requireCrio(test: TestContext): boolean {
  if (process.getuid?.() !== 0) return unmet(test, 'only root can start a CRI-O');
  return NEEDS.every(([program, hint]) => requireProgram(test, program, hint));
}

/** Starts one and waits until it can run pods. @param disk options of a tmpfs for what it stores; default: on its directory's disk. */
export async function startCrio(disk?: string): Promise<CriEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'ls-crio-'));
  // Root of a pod with users of its own is nobody on the node, and has to get to its root directory.
  chmodSync(directory, 0o711);
  const bridge = `lo${directory.slice(-6).toLowerCase()}`;
  const endpoint = join(directory, 'crio.sock');
  if (disk !== undefined) mountDisk(join(directory, 'storage'), disk);
  const env = { ...process.env, ...configure(directory, endpoint, bridge) };
  const log = openSync(join(directory, 'crio.log'), 'w');
  const args = ['--config', join(directory, 'crio.conf'), '--config-dir', ''];
  const launch = (): ChildProcess =>
    spawn('crio', args, { stdio: ['ignore', log, log], env, cwd: directory });
  let daemon = launch();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= remove(directory, endpoint, bridge, () => daemon).finally(() => closeSync(log));
    return stopping;
  };
  const again = async (): Promise<void> => {
    daemon = launch();
    await answering(endpoint, daemon);
  };
  const crio: CriEngine = {
    name: 'cri-o',
    endpoint,
    directory,
    async importArchive(archive) {
      importArchive(archive, directory, env);
    },
    async restart(awayMs) {
      await end(daemon, 'SIGKILL');
      await pause(awayMs);
      await again();
    },
    async killAll() {
      await end(daemon, 'SIGKILL');
      // The watchers first, so that nobody is left to take note of how the rest ended.
      const watchers = ofIts(directory);
      killAll([...watchers, ...childrenOf(watchers)]);
      await again();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
  try {
    await answering(endpoint, daemon);
    await crio.importArchive(makePauseImage(directory));
    return crio;
  } catch (error) {
    const said = readFileSync(join(directory, 'crio.log'), 'utf8').slice(-2000);
    await stop();
    throw new Error(`CRI-O did not start: ${said}`, { cause: error });
  }
}

/** Puts every image of a docker archive into the storage of that CRI-O, under each of its names. */
function importArchive(archive: string, directory: string, env: NodeJS.ProcessEnv): void {
  const manifest = execFileSync('tar', ['-xOf', archive, 'manifest.json'], { encoding: 'utf8' });
  const images = JSON.parse(manifest) as readonly { readonly RepoTags: readonly string[] }[];
  const store = `[overlay@${directory}/storage+${directory}/run]`;
  for (const name of images.flatMap(({ RepoTags }) => RepoTags)) {
    const places = [`docker-archive:${archive}:${name}`, `containers-storage:${store}${name}`];
    execFileSync('skopeo', ['--policy', join(directory, 'policy.json'), 'copy', '--quiet', ...places], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }
}

/** Writes its configuration; answers the variables that name parts of it. */
function configure(directory: string, endpoint: string, bridge: string): Readonly<Record<string, string>> {
  const network = join(directory, 'net.d');
  for (const folder of ['net.d', 'hooks', 'registries.conf.d', 'cdi']) mkdirSync(join(directory, folder));
  const storage = join(directory, 'storage.conf');
  const registries = join(directory, 'registries.conf');
  const places = `driver = "overlay"\ngraphroot = "${directory}/storage"\nrunroot = "${directory}/run"\n`;
  writeFileSync(storage, `[storage]\n${places}`);
  // A registry of a test's own speaks plain HTTP.
  writeFileSync(registries, '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n');
  writeFileSync(join(directory, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  writeFileSync(join(directory, 'crio.conf'), configuration(directory, endpoint, writeRuntime(directory)));
  writeBridgeNetwork(join(network, '10-longshore.conflist'), bridge, bridge, directory);
  return {
    CONTAINERS_STORAGE_CONF: storage,
    CONTAINER_REGISTRIES_CONF: registries,
    CONTAINER_REGISTRIES_CONF_DIR: join(directory, 'registries.conf.d'),
  };
}

/**
 * Writes a program that is runc but does without CAP_SYS_RESOURCE, which continuous integration may lack: CRI-O asks for its
 * pauses to be spared by the kernel's hand, and gives privileged containers every capability that there is.
 */
function writeRuntime(directory: string): string {
  const runtime = join(directory, 'runc-without-resource');
  const script = `#!/bin/sh
bundle=
for word; do
  [ "$before" = --bundle ] && bundle=$word
  before=$word
done
[ -n "$bundle" ] && sed -i 's/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/; s/"CAP_SYS_RESOURCE",//g' "$bundle/config.json"
exec ${pathOf('runc')} "$@"
`;
  writeFileSync(runtime, script, { mode: 0o755 });
  return runtime;
}

const pathOf = (program: string): string =>
  execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();

function configuration(directory: string, endpoint: string, runtime: string): string {
  return `[crio]
root = "${directory}/storage"
runroot = "${directory}/run"
storage_driver = "overlay"
log_dir = "${directory}/logs"
version_file = "${directory}/version"
version_file_persist = "${directory}/version-persist"
clean_shutdown_file = "${directory}/clean.shutdown"
[crio.api]
listen = "${endpoint}"
stream_address = "127.0.0.1"
stream_port = "0"
[crio.runtime]
cgroup_manager = "cgroupfs"
conmon_cgroup = "pod"
default_runtime = "runc"
pinns_path = "${pathOf('pinns')}"
container_exits_dir = "${directory}/exits"
container_attach_socket_dir = "${directory}/attach"
namespaces_dir = "${directory}/namespaces"
hooks_dir = ["${directory}/hooks"]
cdi_spec_dirs = ["${directory}/cdi"]
enable_pod_events = ${process.env['LONGSHORE_TEST_POD_EVENTS'] !== 'false'}
[crio.runtime.runtimes.runc]
runtime_path = "${runtime}"
runtime_root = "${directory}/runc"
monitor_path = "${pathOf('conmon')}"
monitor_cgroup = "pod"
[crio.image]
pause_image = "${PAUSE_IMAGE}"
signature_policy = "${directory}/policy.json"
[crio.network]
network_dir = "${directory}/net.d"
plugin_dirs = ["${CNI_PROGRAMS}"]
[crio.nri]
enable_nri = false
`;
}

function answering(endpoint: string, daemon: ChildProcess): Promise<true> {
  return untilReady('crio', daemon, START_MS_MAX, () =>
    askCri({ endpoint }, async (cri) => {
      const conditions = await cri.status();
      return conditions.length > 0 && conditions.every(({ status }) => status) ? true : undefined;
    }),
  );
}

async function remove(
  directory: string,
  endpoint: string,
  bridge: string,
  daemon: () => ChildProcess,
): Promise<void> {
  await removeSandboxes({ endpoint }).catch(() => undefined); // It may be half started; the rest is cleared below.
  // Asked to end, it first has the whole disk written to, for which a busy machine takes minutes.
  await end(daemon(), 'SIGKILL');
  const watchers = ofIts(directory);
  killAll([...watchers, ...childrenOf(watchers)]);
  clearAway(directory, bridge);
}

/** Process ids of the watchers (conmon) that a CRI-O left behind: each is told of files below its directory. */
function ofIts(directory: string): number[] {
  return processesWith(
    (program, args) => program.endsWith('conmon') && args.some((arg) => arg.startsWith(`${directory}/`)),
  );
}

/** Process ids of those processes' children. */
function childrenOf(parents: readonly number[]): number[] {
  return parents.flatMap((pid) => {
    try {
      return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
        readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
      );
    } catch {
      return []; // It has ended meanwhile.
    }
  });
}
