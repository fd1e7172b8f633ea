/** A Podman of the test's own that answers as a Docker Engine: its storage, state, socket and network vanish with it. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { EngineClient } from '../../src/kubelet/runtimes/docker/engine-client.ts';
import { requireProgram, unmet } from '../harness/requirement.ts';
import './programs.ts';
import { mountsBelow, processesWith } from './leftovers.ts';

/** How long it may take to answer on a loaded machine, milliseconds. */
const START_MS_MAX = 60_000;

/** See the file's head. */
export interface Podman {
  /** Path of its socket. */
  readonly endpoint: string;
  /** A directory that is removed with it. */
  readonly directory: string;
  /** Loads a docker archive. */
  load(archive: string): Promise<void>;
  /** A request to it. */
  readonly client: EngineClient;
  /** Ends and removes everything that it made. Idempotent. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What it needs, with what to do where it is missing. */
const NEEDS: readonly (readonly [path: string, hint: string])[] = [
  ['podman', 'apt-get install podman'],
  ['conmon', 'apt-get install conmon'],
  ['runc', 'apt-get install runc'],
  ['/usr/lib/cni/bridge', 'apt-get install containernetworking-plugins'],
  ['/bin/busybox', 'apt-get install busybox-static'],
];

/** Whether it can run here; otherwise the test is skipped, or fails where nothing may skip. */
export function requirePodman(test: TestContext): boolean {
  if (process.getuid?.() !== 0) return unmet(test, 'only root can give pods of Podman a network');
  return NEEDS.every(([program, hint]) => requireProgram(test, program, hint));
}

/** Starts one and waits until it answers. */
export async function startPodman(): Promise<Podman> {
  const directory = mkdtempSync(join(tmpdir(), 'ls-podman-'));
  const bridge = `lp${directory.slice(-6).toLowerCase()}`;
  const endpoint = join(directory, 'podman.sock');
  const env = { ...process.env, ...configure(directory, bridge) };
  const log = openSync(join(directory, 'podman.log'), 'w');
  const daemon = spawn(
    'podman',
    ['--log-level=info', 'system', 'service', '--time=0', `unix://${endpoint}`],
    {
      stdio: ['ignore', log, log],
      env,
      // Its watchers of containers leave notes where they are.
      cwd: directory,
    },
  );
  let client: EngineClient | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= remove({ directory, bridge, daemon, env }, client).finally(() => closeSync(log));
    return stopping;
  };
  try {
    client = await untilReady(endpoint, daemon);
    const opened = client;
    return {
      endpoint,
      directory,
      client,
      async load(archive) {
        await opened.follow('/images/load', { quiet: true }, readFileSync(archive));
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    const said = readFileSync(join(directory, 'podman.log'), 'utf8').slice(-2000);
    await stop();
    throw new Error(`podman did not start: ${said}`, { cause: error });
  }
}

/** Writes its configuration; answers the variables that name it. */
function configure(directory: string, bridge: string): Readonly<Record<string, string>> {
  const containers = join(directory, 'containers.conf');
  const storage = join(directory, 'storage.conf');
  const networks = join(directory, 'networks');
  mkdirSync(networks);
  // No systemd here; and what keeps a container from the kernel's hand may be more than this process may give.
  writeFileSync(
    containers,
    `[containers]
oom_score_adj = 0
default_ulimits = []
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
conmon_path = ["${pathOf('conmon')}"]
runtime = "runc"
tmp_dir = "${directory}/tmp"
static_dir = "${directory}/static"
volume_path = "${directory}/volumes"
infra_image = ""
helper_binaries_dir = ["${dirname(pathOf('podman'))}", "/usr/lib/podman"]
[engine.runtimes]
runc = ["${pathOf('runc')}"]
[network]
network_config_dir = "${networks}"
${writeNetwork(directory, networks, bridge)}
`,
  );
  writeFileSync(
    storage,
    `[storage]\ndriver = "vfs"\ngraphroot = "${directory}/graph"\nrunroot = "${directory}/run"\n`,
  );
  return { CONTAINERS_CONF: containers, CONTAINERS_STORAGE_CONF: storage };
}

/** Writes what it needs for its network; answers the settings that go with it. */
function writeNetwork(directory: string, networks: string, bridge: string): string {
  // One of many private networks, so that test files running side by side rarely choose the same.
  const prefix = `10.${randomInt(100, 250)}.${randomInt(0, 256)}`;
  const subnet = `${prefix}.0/24`;
  const version = execFileSync('podman', ['--version'], { encoding: 'utf8' });
  if (Number(/ (\d+)\./.exec(version)?.[1]) >= 5) {
    const network = {
      name: 'podman',
      id: '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9',
      driver: 'bridge',
      network_interface: bridge,
      created: '2026-01-01T00:00:00Z',
      subnets: [{ subnet, gateway: `${prefix}.1` }],
      ipv6_enabled: false,
      internal: false,
      dns_enabled: false,
      ipam_options: { driver: 'host-local' },
    };
    writeFileSync(join(networks, 'podman.json'), JSON.stringify(network));
    return 'network_backend = "netavark"\nfirewall_driver = "none"';
  }
  const plugin = {
    type: 'bridge',
    bridge,
    isGateway: true,
    ipMasq: false,
    ipam: {
      type: 'host-local',
      ranges: [[{ subnet }]],
      routes: [{ dst: '0.0.0.0/0' }],
      dataDir: join(directory, 'addresses'),
    },
  };
  const list = { cniVersion: '0.4.0', name: 'podman', plugins: [plugin] };
  writeFileSync(join(networks, '87-podman.conflist'), JSON.stringify(list));
  return 'network_backend = "cni"\ncni_plugin_dirs = ["/usr/lib/cni"]';
}

const pathOf = (program: string): string =>
  execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();

async function untilReady(endpoint: string, daemon: ChildProcess): Promise<EngineClient> {
  for (const end = Date.now() + START_MS_MAX; ; ) {
    try {
      if (existsSync(endpoint)) return await EngineClient.open(endpoint, systemClock);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    if (daemon.exitCode !== null) throw new Error(`podman ended with ${daemon.exitCode}`);
    if (Date.now() > end) throw new Error('podman is not ready');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Connects, however long Podman may take to say who it is: it asks the disk, where others are busy too. */
export async function connected<Connection>(connect: () => Promise<Connection>): Promise<Connection> {
  for (const end = Date.now() + START_MS_MAX; ; ) {
    try {
      return await connect();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

interface Remains {
  readonly directory: string;
  readonly bridge: string;
  readonly daemon: ChildProcess;
  readonly env: NodeJS.ProcessEnv;
}

async function remove(
  { directory, bridge, daemon, env }: Remains,
  client: EngineClient | undefined,
): Promise<void> {
  client?.close();
  if (daemon.exitCode === null && daemon.signalCode === null) {
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGTERM');
    await ended;
  }
  spawnSync('podman', ['rm', '--all', '--force', '--time=0'], { env });
  const ofIts = (arg: string): boolean => arg.startsWith(`${directory}/`);
  for (const pid of processesWith((_program, args) => args.some(ofIts))) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  for (const place of mountsBelow(directory)) spawnSync('umount', ['--lazy', place]);
  spawnSync('ip', ['link', 'delete', bridge]);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}
