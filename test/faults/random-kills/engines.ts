/** The ways to run pods that random kills are tried on: what of each can be killed, and what each may leave. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Containerd, startContainerd } from '../../containers/containerd.ts';
import type { DockerEngine } from '../../containers/docker-engine.ts';
import { startDockerd } from '../../containers/dockerd.ts';
import { makeBusyboxImage } from '../../containers/images.ts';
import { processesWith } from '../../containers/leftovers.ts';
import { mountsBelow } from '../../harness/owner-remains.ts';

const BUSYBOX = ['docker.io/library/busybox:1.37'];

/** Kills one thing; where there are several, `chance` (from 0 to 1) chooses. */
export type Kill = (chance: () => number) => Promise<void>;

/** One of them. */
export interface Engine {
  /** Removed at the end. */
  readonly directory: string;
  /** How `--runtime` names it. */
  readonly runtime: string;
  /** What can be killed besides the server; each leaves the engine running again. */
  readonly kills: ReadonlyMap<string, Kill>;
  /**
   * What is there of pods that have ended, in words; empty: nothing. `killed`: the engine was killed, so that what only it knew
   * of does not count.
   */
  remains(killed: boolean): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export type EngineName = 'containerd' | 'docker' | 'docker-live' | 'process';

/** Starts the one of that name. `dataDirectory` is the server's. */
export async function startEngineFor(name: EngineName, dataDirectory: string): Promise<Engine> {
  switch (name) {
    case 'containerd':
      return containerdEngine();
    case 'docker':
      return dockerEngine([]);
    case 'docker-live':
      return dockerEngine(['--live-restore']);
    case 'process':
      return processEngine(dataDirectory);
  }
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const oneOf = <Each>(all: readonly Each[], chance: () => number): Each | undefined =>
  all[Math.floor(chance() * all.length)];

async function containerdEngine(): Promise<Engine> {
  const containerd = await startContainerd();
  await containerd.importArchive(makeBusyboxImage(containerd.directory, BUSYBOX));
  const running = (): number[] =>
    containerd
      .ctr(['tasks', 'ls'])
      .split('\n')
      .flatMap((line) => / (\d+) +RUNNING/.exec(line)?.[1] ?? [])
      .map(Number);
  return {
    directory: containerd.directory,
    runtime: `cri=${containerd.endpoint}`,
    kills: new Map<string, Kill>([
      ['engine', (chance) => containerd.restart(chance() * 2000)],
      ['shim', async (chance) => kill(oneOf(shimsOf(containerd.endpoint), chance))],
      ['container', async (chance) => kill(oneOf(running(), chance))],
      ['everything', () => containerd.killAll()],
    ]),
    remains: async (killed) =>
      [...remainsOf(containerd), ...mountsOf(containerd.directory)].filter(
        (each) => !(killed && each.includes('/netns/cni-')),
      ),
    stop: () => containerd.stop(),
  };
}

function shimsOf(endpoint: string): number[] {
  return processesWith((program, args) => program.includes('containerd-shim') && args.includes(endpoint));
}

/**
 * What containerd keeps to itself when it is killed does not count: leases that expire by themselves, with what they hold, and
 * shims of which nothing runs any more, with their directories.
 */
function remainsOf({ ctr, endpoint, directory }: Containerd): string[] {
  const list = (what: string, args: readonly string[]): string[] =>
    ctr(args)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${what} ${line}`);
  for (const [, lease = ''] of ctr(['leases', 'ls']).matchAll(/^(\S+) .*gc\.expire/gm)) {
    ctr(['leases', 'delete', '--sync', lease]);
  }
  return [
    ...list('container', ['containers', 'ls', '-q']),
    ...list('task', ['tasks', 'ls', '-q']),
    ...list('lease', ['leases', 'ls', '-q']),
    ...list('snapshot', ['snapshots', 'ls']).filter((line) => line.includes('Active')),
    ...shimsOf(endpoint)
      .filter((pid) => childrenOf(pid).length > 0)
      .map((pid) => `shim ${pid}`),
    ...namesIn(join(directory, 'addresses')).filter((name) => /\/\d/.test(name)),
    ...namesIn(join(directory, 'state/netns')),
    ...namesIn(join(directory, 'state/io.containerd.grpc.v1.cri/sandboxes')),
    ...namesIn(join(directory, 'state/io.containerd.grpc.v1.cri/containers')),
    ...namesIn(join(directory, 'root/io.containerd.grpc.v1.cri/sandboxes')),
    ...namesIn(join(directory, 'root/io.containerd.grpc.v1.cri/containers')),
  ];
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true }).map((name) => `${directory}/${String(name)}`);
  } catch {
    return []; // It was never made.
  }
}

/** Mounts below it, but those that an engine has for itself. */
function mountsOf(directory: string): string[] {
  return mountsBelow(directory)
    .filter((place) => !/\/(?:netns|root|root\/overlay2|run\/netns\/default)$/.test(place))
    .map((place) => `mount ${place}`);
}

async function dockerEngine(options: readonly string[]): Promise<Engine> {
  const dockerd = await startDockerd(options);
  await dockerd.load(makeBusyboxImage(dockerd.directory, BUSYBOX));
  const ofIts = (args: readonly string[]): boolean =>
    args.some((arg) => arg.startsWith(`${dockerd.directory}/`));
  const shims = (): number[] =>
    processesWith((program, args) => program.includes('containerd-shim') && ofIts(args));
  return {
    directory: dockerd.directory,
    runtime: `docker=${dockerd.endpoint}`,
    kills: new Map<string, Kill>([
      ['engine', () => dockerd.restart('SIGKILL')],
      ['engine-ends', () => dockerd.restart('SIGTERM')],
      ['shim', async (chance) => kill(oneOf(shims(), chance))],
      ['container', async (chance) => kill(oneOf(shims().flatMap(childrenOf), chance))],
    ]),
    remains: async () => [
      ...(await containersOf(dockerd)),
      ...shims()
        .filter((pid) => childrenOf(pid).length > 0)
        .map((pid) => `shim ${pid}`),
      ...mountsOf(dockerd.directory),
    ],
    stop: () => dockerd.stop(),
  };
}

async function containersOf({ client }: DockerEngine): Promise<string[]> {
  const found = await client.get<readonly { readonly Names: readonly string[]; readonly Status: string }[]>(
    '/containers/json',
    { all: true },
  );
  return found.map(({ Names, Status }) => `container ${Names[0]} ${Status}`);
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
        return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false; // It has ended meanwhile.
      }
    });
}

function processEngine(dataDirectory: string): Engine {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-plain-'));
  const below = `${dataDirectory}/kubelet/process/`;
  const supervisors = (): number[] => processesWith((_, args) => args.some((arg) => arg.startsWith(below)));
  const inside = (): number[] => supervisors().flatMap(childrenOf);
  return {
    directory,
    runtime: 'process',
    kills: new Map<string, Kill>([
      ['supervisor', async (chance) => kill(oneOf(supervisors(), chance))],
      ['container', async (chance) => kill(oneOf(inside(), chance))],
      [
        'everything',
        async () => {
          for (const pid of [...supervisors(), ...inside()]) kill(pid);
        },
      ],
    ]),
    remains: async () => [
      ...processesWith((_, args) => args.some((arg) => arg.startsWith(below))).map((pid) => `process ${pid}`),
      ...readdirSync(below).map((name) => `sandbox ${name}`),
    ],
    stop: async () => rmSync(directory, { recursive: true, force: true }),
  };
}
