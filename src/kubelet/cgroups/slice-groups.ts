/** Control groups that systemd makes when it is asked to, for runtimes that leave theirs to it; version 2 alone. */
import { InvariantError } from '../../apimachinery/invariant.ts';
import type { Cgroups } from './cgroups.ts';
import { cpuWeight, type GroupLimits, type GroupUsage } from './control-files.ts';
import type { GroupTree } from './group-tree.ts';
import { ACCOUNTING, lastPartOf, limitProperties, sliceOf, slicePath } from './slices.ts';
import type { Systemd } from './systemd.ts';

/** See the file's head. */
export class SliceGroups implements GroupTree {
  readonly #systemd: Systemd;
  /** Reads what there is. */
  readonly #cgroups: Cgroups;

  constructor(systemd: Systemd, cgroups: Cgroups) {
    this.#systemd = systemd;
    this.#cgroups = cgroups;
  }

  async make(path: string, limits: GroupLimits): Promise<void> {
    await this.#systemd.startSlice(sliceOf(path), [...ACCOUNTING, ...propertiesOf(limits)]);
    await this.#cgroups.limitPages(slicePath(path), limits);
  }

  async limit(path: string, limits: GroupLimits): Promise<void> {
    await this.#systemd.setProperties(sliceOf(path), propertiesOf(limits));
    await this.#cgroups.limitPages(slicePath(path), limits);
  }

  /** The slice would come by itself with what is put below it, and would not count any longer when that has ended. */
  async parent(path: string): Promise<string> {
    await this.#systemd.startSlice(sliceOf(path), ACCOUNTING);
    return slicePath(path);
  }

  /** Never called: a runtime that leaves its groups to systemd puts its processes into them itself. */
  makeLeaf(path: string): Promise<never> {
    throw new InvariantError(`a process cannot join the slice of ${path}`);
  }

  usage(path: string): Promise<GroupUsage | undefined> {
    return this.#cgroups.usage(slicePath(path));
  }

  workingSet(path: string): Promise<number> {
    return this.#cgroups.workingSet(slicePath(path));
  }

  memoryUse(path: string): Promise<number> {
    return this.#cgroups.memoryUse(slicePath(path));
  }

  taskCount(path: string): Promise<number> {
    return this.#cgroups.taskCount(slicePath(path));
  }

  async children(path: string): Promise<readonly string[]> {
    const names = await this.#cgroups.children(slicePath(path));
    return names.flatMap((name) => lastPartOf(name) ?? []);
  }

  async childrenAnywhere(path: string): Promise<ReadonlySet<string>> {
    const names = await this.#cgroups.childrenAnywhere(slicePath(path));
    return new Set([...names].flatMap((name) => lastPartOf(name) ?? []));
  }

  has(path: string): Promise<boolean> {
    return this.#cgroups.has(slicePath(path));
  }

  remove(path: string): Promise<void> {
    return this.#systemd.stopSlice(sliceOf(path));
  }

  async removeEmpty(path: string): Promise<void> {
    const inside = await this.#cgroups.children(slicePath(path));
    if (inside.length === 0) await this.#systemd.stopSlice(sliceOf(path));
  }
}

function propertiesOf(limits: GroupLimits) {
  return limitProperties(cpuWeight(limits.cpuShares), limits);
}
