/** A Podman of the test's own that answers as a Docker Engine: its storage, state, socket and network vanish with it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { requireProgram, unmet } from '../harness/requirement.ts';
import { type DockerEngine, START_MS_MAX, startEngine } from './docker-engine.ts';
import './programs.ts';
import { clearAway, end, killAll, randomNetwork, writeBridgeNetwork } from './engine-process.ts';
import { processesWith } from './leftovers.ts';
import { BY_SYSTEMD } from './programs.ts';

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
export function startPodman(): Promise<DockerEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'ls-podman-'));
  const bridge = `lp${directory.slice(-6).toLowerCase()}`;
  const endpoint = join(directory, 'podman.sock');
  const env = { ...process.env, ...configure(directory, bridge) };
  const args = ['--log-level=info', 'system', 'service', '--time=0', `unix://${endpoint}`];
  return startEngine({
    name: 'podman',
    directory,
    endpoint,
    // Its watchers of containers leave notes where they are.
    launch: (log) => spawn('podman', args, { stdio: ['ignore', log, log], env, cwd: directory }),
    async remove(daemon, client) {
      client?.close();
      await end(daemon, 'SIGTERM');
      spawnSync('podman', ['rm', '--all', '--force', '--time=0'], { env });
      const ofIts = (arg: string): boolean => arg.startsWith(`${directory}/`);
      killAll(processesWith((_program, words) => words.some(ofIts)));
      clearAway(directory, bridge);
    },
  });
}

/** Writes its configuration; answers the variables that name it. */
function configure(directory: string, bridge: string): Readonly<Record<string, string>> {
  const containers = join(directory, 'containers.conf');
  const storage = join(directory, 'storage.conf');
  const networks = join(directory, 'networks');
  mkdirSync(networks);
  // Where nobody says otherwise there is no systemd; and what keeps a container from the kernel's hand may be more than this process may give.
  writeFileSync(
    containers,
    `[containers]
oom_score_adj = 0
default_ulimits = []
log_driver = "k8s-file"
[engine]
cgroup_manager = "${BY_SYSTEMD ? 'systemd' : 'cgroupfs'}"
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
  const version = execFileSync('podman', ['--version'], { encoding: 'utf8' });
  if (Number(/ (\d+)\./.exec(version)?.[1]) >= 5) {
    const prefix = randomNetwork();
    const network = {
      name: 'podman',
      id: '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9',
      driver: 'bridge',
      network_interface: bridge,
      created: '2026-01-01T00:00:00Z',
      subnets: [{ subnet: `${prefix}.0/24`, gateway: `${prefix}.1` }],
      ipv6_enabled: false,
      internal: false,
      dns_enabled: false,
      ipam_options: { driver: 'host-local' },
    };
    writeFileSync(join(networks, 'podman.json'), JSON.stringify(network));
    return 'network_backend = "netavark"\nfirewall_driver = "none"';
  }
  writeBridgeNetwork(join(networks, '87-podman.conflist'), 'podman', bridge, directory);
  return 'network_backend = "cni"\ncni_plugin_dirs = ["/usr/lib/cni"]';
}

const pathOf = (program: string): string =>
  execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();

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
