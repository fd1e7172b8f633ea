/** The machine's control groups: those that pods and their containers run below are made, measured and removed here. */
import { existsSync } from 'node:fs';
import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, sleep } from '../../apimachinery/clock.ts';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import { readHugePages } from '../huge-pages.ts';
import { signal } from '../runtimes/process/signals.ts';
import {
  controlFiles,
  type GroupLimits,
  type GroupUsage,
  type OptionalController,
  pageFiles,
  USAGE_FILES,
  usageFrom,
} from './control-files.ts';
import type { GroupTree } from './group-tree.ts';

/** Controllers of version 1 of which something is set or read. */
const CONTROLLERS = ['cpu', 'cpuacct', 'memory'] as const;
/** Controllers that version 2 passes on from group to group, and one that not every kernel has. */
const DELEGATED = '+cpu +memory +pids';
const PAGES_DELEGATED = '+hugetlb';

/** The file of a group's memory, and what of `memory.stat` the kernel would give up first. */
const MEMORY_NOW = {
  1: ['memory.usage_in_bytes', 'total_inactive_file'],
  2: ['memory.current', 'inactive_file'],
} as const;

/** How often a group is tried to be removed in which something runs, and milliseconds between two tries. */
const REMOVALS_MAX = 100;
const REMOVAL_PAUSE_MS = 20;

type Controller = (typeof CONTROLLERS)[number];

interface Hierarchies {
  readonly version: 1 | 2;
  readonly roots: Readonly<Record<Controller, string>>;
  /** Where there are controllers that not every machine has. */
  readonly optional: Readonly<Partial<Record<OptionalController, string>>>;
  readonly all: readonly string[];
}

/** What the machine's control groups are and can do, as far as limits of containers depend on it. */
export interface CgroupTraits {
  readonly version: 1 | 2 | undefined;
  /** Whether a container's swap can be limited. */
  readonly limitsSwap: boolean;
  /** Bytes of a huge page, of each size whose use can be limited. */
  readonly pageSizes: readonly number[];
}

/** Of a machine that has none, or none that can be seen. */
export const NO_CGROUPS: CgroupTraits = { version: undefined, limitsSwap: false, pageSizes: [] };

/** Finds out; see {@link CgroupTraits}. */
export async function cgroupTraits(): Promise<CgroupTraits> {
  const found = await hierarchies();
  if (found === undefined) return NO_CGROUPS;
  const { version, roots, optional } = found;
  const pages = optional.hugetlb === undefined ? [] : await readHugePages();
  const name = version === 1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max';
  // In version 2 the root itself has no limits; whether the kernel limits swap can be seen in any group below.
  const groups = version === 1 ? ['.'] : await readdir(roots.memory).catch(() => []);
  const isThere = (group: string): Promise<boolean> =>
    access(join(roots.memory, group, name)).then(
      () => true,
      () => false,
    );
  const limitsSwap = (await Promise.all(groups.map(isThere))).includes(true);
  return { version, limitsSwap, pageSizes: pages.map(({ size }) => size) };
}

/** See the file's head. Paths are below the roots of the hierarchies: `/longshore/kubepods/besteffort/pod…`. */
export class Cgroups implements GroupTree {
  readonly version: 1 | 2;
  /** Where each controller's hierarchy is mounted; with version 2, all at one place. */
  readonly #roots: Readonly<Record<Controller, string>>;
  readonly #optional: Hierarchies['optional'];
  /** Where every hierarchy is mounted: the runtime makes groups in all of them. */
  readonly #all: readonly string[];
  readonly #clock: Clock;

  private constructor({ version, roots, optional, all }: Hierarchies, clock: Clock) {
    this.#clock = clock;
    this.version = version;
    this.#roots = roots;
    this.#optional = optional;
    this.#all = all;
  }

  /** The control groups of this machine; undefined where there are none that this process may change. */
  static async find(clock: Clock): Promise<Cgroups | undefined> {
    const found = await hierarchies();
    if (found === undefined) return undefined;
    try {
      await Promise.all(Object.values(found.roots).map((root) => access(root, constants.W_OK)));
    } catch {
      return undefined;
    }
    return new Cgroups(found, clock);
  }

  /** Makes a group, and those above it; what there is of it stays. */
  async make(path: string, limits: GroupLimits): Promise<void> {
    if (this.version === 2) await this.#delegateDownTo(path);
    await Promise.all([...this.#places(path)].map((place) => mkdir(place, { recursive: true })));
    await this.limit(path, limits);
  }

  /** Changes the limits of a group that is there. */
  async limit(path: string, limits: GroupLimits): Promise<void> {
    for (const { controller, name, text } of controlFiles(this.version, limits)) {
      const root = { ...this.#roots, ...this.#optional }[controller];
      if (root !== undefined) await writeFile(join(root, path, name), text);
    }
  }

  /** Limits the huge pages of a group that systemd made with version 2, since systemd knows nothing of them. */
  async limitPages(path: string, { hugePages = [] }: GroupLimits): Promise<void> {
    let place = this.#optional.hugetlb;
    if (place === undefined || hugePages.length === 0) return;
    for (const name of namesIn(path)) {
      await writeFile(join(place, 'cgroup.subtree_control'), PAGES_DELEGATED);
      place = join(place, name);
    }
    for (const { name, text } of pageFiles(this.version, hugePages)) await writeFile(join(place, name), text);
  }

  /** A runtime makes the group by itself. */
  async parent(path: string): Promise<string> {
    return path;
  }

  /** Makes a group that only holds processes, below one that is there; answers the files to whom a process tells its pid to join it. */
  async makeLeaf(path: string, limits: GroupLimits): Promise<readonly string[]> {
    const places = [...this.#places(path)];
    await Promise.all(places.map((place) => mkdir(place, { recursive: true })));
    await this.limit(path, limits);
    return places.map((place) => join(place, 'cgroup.procs'));
  }

  /** What was used in a group and all below it; undefined when it is not there. */
  async usage(path: string): Promise<GroupUsage | undefined> {
    const texts = new Map<string, string>();
    for (const controller of ['cpuacct', 'memory'] as const) {
      for (const name of USAGE_FILES[this.version][controller]) {
        const text = await readFile(join(this.#roots[controller], path, name), 'utf8').catch(() => undefined);
        if (text !== undefined) texts.set(name, text);
      }
    }
    return usageFrom(this.version, (name) => texts.get(name));
  }

  /** Bytes of memory that a group uses now and could not do without (its working set); 0 when it is not there. */
  async workingSet(path: string): Promise<number> {
    const [now, inactive] = this.version === 1 ? MEMORY_NOW[1] : MEMORY_NOW[2];
    const read = (name: string): Promise<string> =>
      readFile(join(this.#roots.memory, path, name), 'utf8').catch(() => '');
    const [used, stat] = await Promise.all([read(now), read('memory.stat')]);
    const cached = new RegExp(`^${inactive} (\\d+)$`, 'm').exec(stat)?.[1] ?? '0';
    return Math.max(0, Number(used) - Number(cached));
  }

  /** Bytes of memory that a group takes now; 0 when it is not there. */
  async memoryUse(path: string): Promise<number> {
    const [now] = this.version === 1 ? MEMORY_NOW[1] : MEMORY_NOW[2];
    return Number(await readFile(join(this.#roots.memory, path, now), 'utf8').catch(() => '0'));
  }

  /** How many tasks there are in a group and all below it; 0 when it is not there, or nobody counts them. */
  async taskCount(path: string): Promise<number> {
    const root = this.#optional.pids;
    if (root === undefined) return 0;
    return Number(await readFile(join(root, path, 'pids.current'), 'utf8').catch(() => '0'));
  }

  /** Names of the groups right below one; none where it is not there. */
  async children(path: string): Promise<readonly string[]> {
    return directoriesIn(join(this.#roots.memory, path));
  }

  /** Whether the group is there, for any controller. */
  async has(path: string): Promise<boolean> {
    const found = await Promise.all(
      this.#all.map((root) =>
        access(join(root, path)).then(
          () => true,
          () => false,
        ),
      ),
    );
    return found.includes(true);
  }

  /** Names of the groups right below one for any controller: a removal that was broken off has left it for some of them. */
  async childrenAnywhere(path: string): Promise<ReadonlySet<string>> {
    const found = await Promise.all(this.#all.map((root) => directoriesIn(join(root, path))));
    return new Set(found.flat());
  }

  /**
   * Removes a group and all below it. What still runs there is killed: a runtime that was itself killed may have lost hold of it.
   * Rejects with EBUSY when it does not end.
   */
  async remove(path: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#removeAlike(path);
        for (const root of this.#all) await removeTree(join(root, path));
        return;
      } catch (error) {
        const isBusy = systemCodeOf(error) === 'EBUSY';
        if (!isBusy || tries === REMOVALS_MAX) throw error;
        for (const root of this.#all) await killBelow(join(root, path));
        await sleep(this.#clock, REMOVAL_PAUSE_MS);
      }
    }
  }

  /**
   * Removes a group and those right below it where they are as in the memory hierarchy, which they mostly are in all: to list each
   * takes far longer. What stays is for {@link removeTree}.
   */
  async #removeAlike(path: string): Promise<void> {
    const below = await this.children(path);
    const removeIn = async (root: string): Promise<void> => {
      const place = join(root, path);
      await Promise.all(below.map((name) => rmdir(join(place, name))));
      await rmdir(place);
    };
    await Promise.allSettled(this.#all.map(removeIn));
  }

  /** Removes a group unless something is in it. */
  async removeEmpty(path: string): Promise<void> {
    for (const root of this.#all) await rmdir(join(root, path)).catch(() => {}); // Then it is somebody else's.
  }

  #places(path: string): Set<string> {
    const roots = [...Object.values(this.#roots), ...Object.values(this.#optional)];
    return new Set(roots.map((root) => join(root, path)));
  }

  /** In version 2 a group has the controllers that the one above passes on to it. */
  async #delegateDownTo(path: string): Promise<void> {
    const delegated = this.#optional.hugetlb === undefined ? DELEGATED : `${DELEGATED} ${PAGES_DELEGATED}`;
    let place = this.#roots.memory;
    for (const name of namesIn(path)) {
      await writeFile(join(place, 'cgroup.subtree_control'), delegated);
      place = join(place, name);
      await mkdir(place, { recursive: true });
    }
    await writeFile(join(place, 'cgroup.subtree_control'), delegated);
  }
}

const namesIn = (path: string): string[] => path.split('/').filter((each) => each !== '');

async function directoriesIn(place: string): Promise<readonly string[]> {
  const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/**
 * Kills what runs in a group or below it. With version 2 the kernel does it at once, so that nobody can start another process
 * meanwhile; version 1, and a kernel before 5.14, have them killed one by one.
 */
async function killBelow(place: string): Promise<void> {
  try {
    await writeFile(join(place, 'cgroup.kill'), '1', { flag: 'r+' });
  } catch {
    for (const pid of await processesBelow(place)) signal(pid, 'SIGKILL');
  }
}

/** Processes in a group or below it. */
async function processesBelow(place: string): Promise<readonly number[]> {
  const own = (await readFile(join(place, 'cgroup.procs'), 'utf8').catch(() => '')).split('\n');
  const below = await directoriesIn(place);
  const theirs = await Promise.all(below.map((name) => processesBelow(join(place, name))));
  return [...own.filter((pid) => Number(pid) > 0).map(Number), ...theirs.flat()];
}

async function removeTree(place: string): Promise<void> {
  if (!existsSync(place)) return;
  for (const name of await directoriesIn(place)) await removeTree(join(place, name));
  await rmdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Reads the table of mounts. A machine that has the memory controller in version 1 is one of version 1 (hybrid). */
async function hierarchies(): Promise<Hierarchies | undefined> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => ''); // No such file but on Linux.
  const lines = mounts.split('\n').map((line) => line.split(' '));
  const all = lines.flatMap(([, place = '', type]) =>
    type === 'cgroup' || type === 'cgroup2' ? [place] : [],
  );
  const of = (controller: string): string | undefined =>
    lines.find(
      ([, , type, options = '']) => type === 'cgroup' && options.split(',').includes(controller),
    )?.[1];
  const [cpu, cpuacct, memory] = CONTROLLERS.map(of);
  if (cpu !== undefined && cpuacct !== undefined && memory !== undefined) {
    const [pids, hugetlb] = [of('pids'), of('hugetlb')];
    const optional = { ...(pids && { pids }), ...(hugetlb && { hugetlb }) };
    return { version: 1, roots: { cpu, cpuacct, memory }, optional, all };
  }
  const unified = lines.find(([, , type]) => type === 'cgroup2')?.[1];
  if (unified === undefined) return undefined;
  const controllers = await readFile(join(unified, 'cgroup.controllers'), 'utf8').catch(() => '');
  const hasPages = controllers.split(/\s/).includes('hugetlb');
  const optional = { pids: unified, ...(hasPages ? { hugetlb: unified } : {}) };
  return { version: 2, roots: { cpu: unified, cpuacct: unified, memory: unified }, optional, all };
}
