/**
 * The control groups of a node's pods: one for each class of service, below it one for each pod, below that one around each
 * run of a container. The last is there so that what a container used can still be read when it has ended, and its own
 * group is gone with it. Source of the tree: the kubelet's (cgroups per QoS).
 */

import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import { qosClassOf } from '../../apis/core/pod/qos.ts';
import type { Pod } from '../../apis/core/types.ts';
import {
  type ContainerUsage,
  RUNS_TOLD_MAX,
  type RunUsage,
  usageTogether,
} from '../../apis/core/usage-annotation.ts';
import { CPU_SHARES_MIN, podLimits } from '../container/resources.ts';
import type { GroupLimits, GroupUsage } from './control-files.ts';
import type { GroupTree } from './group-tree.ts';

/**
 * Apart from a kubelet's own tree, whose pods' groups it removes when it does not know them. Each server has a part of its own,
 * since the limits of all its pods together are set there.
 */
const TOP = '/longshore';

/** Groups of the classes; pods that are guaranteed what they ask for lie right below the root. */
const CLASSES = ['', '/burstable', '/besteffort'] as const;

const UNLIMITED: GroupLimits = { cpuShares: CPU_SHARES_MIN, cpuQuota: 0, memoryLimit: 0 };

/** Which run of which container of a pod. */
export interface RunName {
  readonly container: string;
  /** Counts the runs, from 0. */
  readonly attempt: number;
}

/** What is used in a group. */
export interface GroupConsumption {
  /** Of the group, below the roots of the hierarchies. */
  readonly path: string;
  readonly cpuSeconds: number;
  readonly workingSetBytes: number;
  readonly memoryBytes: number;
}

/** What the limits of pods depend on besides the pods. */
export interface PodGroupsOptions {
  /** Bytes of a huge page, of each size whose use can be limited. */
  readonly pageSizes: readonly number[];
  /** How many tasks a pod may have; undefined is no limit. */
  readonly tasksMax: number | undefined;
}

/** See the file's head. */
export class PodGroups {
  readonly #cgroups: GroupTree;
  /** `/longshore/<owner>`. */
  readonly #own: string;
  /** What all pods are below. */
  readonly #root: string;
  readonly #options: PodGroupsOptions;
  /** The class BestEffort has its group. */
  #hasBestEffort = false;
  /** Shares that pods of the class Burstable ask for together. */
  readonly #burstable = new Map<string, number>();
  /** Limits of each pod as a whole, by its uid. */
  readonly #limits = new Map<string, GroupLimits>();

  /**
   * @param owner whose pods they are, of the servers on this machine.
   */
  constructor(cgroups: GroupTree, owner: string, options: PodGroupsOptions) {
    this.#cgroups = cgroups;
    this.#options = options;
    this.#own = ownedBy(owner);
    this.#root = `${this.#own}/kubepods`;
  }

  /** Limits all pods of the node together, so that something is left for the machine itself. */
  async limit(limits: GroupLimits): Promise<void> {
    await this.#cgroups.make(this.#root, limits);
  }

  /** Makes the group of a pod, with the limits of the pod as a whole; answers what a runtime calls it. */
  async make(pod: DeepReadonly<Pod>): Promise<string> {
    const path = this.#podGroup(pod);
    const limits = this.#limitsOf(pod);
    if (path.startsWith(`${this.#root}/burstable`)) {
      this.#burstable.set(pod.metadata.uid, limits.cpuShares);
      await this.#weighBurstable();
    } else if (path.startsWith(`${this.#root}/besteffort`)) {
      await this.#makeBestEffort();
    }
    await this.#cgroups.make(path, limits);
    this.#limits.set(pod.metadata.uid, limits);
    return this.#cgroups.parent(path);
  }

  /**
   * Changes the limits of a pod as a whole. `grow` leaves what would become less as it is, for containers that are yet to be
   * changed.
   */
  async resize(pod: DeepReadonly<Pod>, how: 'grow' | 'settle'): Promise<void> {
    const { uid } = pod.metadata;
    const [limits, before] = [this.#limitsOf(pod), this.#limits.get(uid)];
    if (how === 'settle') this.#limits.set(uid, limits);
    const grown = how === 'grow' && before !== undefined ? greater(before, limits) : limits;
    await this.#cgroups.limit(this.#podGroup(pod), grown);
    if (!this.#burstable.has(uid)) return;
    this.#burstable.set(uid, limits.cpuShares);
    await this.#weighBurstable();
  }

  /** What one run of a container used. */
  usageOfRun(pod: DeepReadonly<Pod>, container: string, attempt: number): Promise<GroupUsage | undefined> {
    return this.#cgroups.usage(this.#runGroup(pod, container, attempt));
  }

  /** Makes the group of a run for a runtime that makes none by itself; answers the files that a process joins it by. */
  makeRun(
    pod: DeepReadonly<Pod>,
    container: string,
    attempt: number,
    limits: GroupLimits,
  ): Promise<readonly string[]> {
    return this.#cgroups.makeLeaf(this.#runGroup(pod, container, attempt), limits);
  }

  /** Whether there is a group of that run. */
  hasRun(pod: DeepReadonly<Pod>, container: string, attempt: number): Promise<boolean> {
    return this.#cgroups.has(this.#runGroup(pod, container, attempt));
  }

  /** Changes the limits of a run whose group {@link makeRun} made. */
  limitRun(pod: DeepReadonly<Pod>, container: string, attempt: number, limits: GroupLimits): Promise<void> {
    return this.#cgroups.limit(this.#runGroup(pod, container, attempt), limits);
  }

  /** What each container of a pod used, by name. */
  async usage(pod: DeepReadonly<Pod>): Promise<ReadonlyMap<string, ContainerUsage>> {
    const path = this.#podGroup(pod);
    const attempts = new Map<string, number[]>();
    for (const name of (await this.#cgroups.children(path)).toSorted()) {
      const [, container, attempt] = /^(.+)-(\d+)$/.exec(name) ?? [];
      if (container === undefined) continue;
      attempts.set(container, [...(attempts.get(container) ?? []), Number(attempt)]);
    }
    const sums = new Map<string, ContainerUsage>();
    for (const [container, numbers] of attempts) {
      const runs: RunUsage[] = [];
      for (const attempt of numbers.toSorted((a, b) => a - b)) {
        const used = await this.#cgroups.usage(`${path}/${container}-${attempt}`);
        if (used !== undefined)
          runs.push({ cpuSeconds: used.cpuSeconds, peakMemoryBytes: used.peakMemoryBytes });
      }
      if (runs.length === 0) continue;
      const sum = runs.reduce(usageTogether);
      sums.set(container, runs.length === 1 ? sum : { ...sum, runs: runs.slice(-RUNS_TOLD_MAX) });
    }
    return sums;
  }

  /** What a pod, or one run of a container of it, has used of processors and uses of memory; undefined where that is not known. */
  async consumption(pod: DeepReadonly<Pod>, run?: RunName): Promise<GroupConsumption | undefined> {
    const path = run === undefined ? this.#podGroup(pod) : this.#runGroup(pod, run.container, run.attempt);
    const used = await this.#cgroups.usage(path);
    if (used === undefined) return undefined;
    const [workingSetBytes, memoryBytes] = [
      await this.#cgroups.workingSet(path),
      await this.#cgroups.memoryUse(path),
    ];
    return { path, cpuSeconds: used.cpuSeconds, workingSetBytes, memoryBytes };
  }

  /** Bytes of memory that a pod, or one run of a container of it, uses now. */
  workingSet(pod: DeepReadonly<Pod>, run?: RunName): Promise<number> {
    const path = run === undefined ? this.#podGroup(pod) : this.#runGroup(pod, run.container, run.attempt);
    return this.#cgroups.workingSet(path);
  }

  /** Bytes of memory that a pod, or one run of a container of it, takes now, what the kernel could free included. */
  memoryUse(pod: DeepReadonly<Pod>, run?: RunName): Promise<number> {
    const path = run === undefined ? this.#podGroup(pod) : this.#runGroup(pod, run.container, run.attempt);
    return this.#cgroups.memoryUse(path);
  }

  /** How many tasks a pod has now. */
  taskCount(pod: DeepReadonly<Pod>): Promise<number> {
    return this.#cgroups.taskCount(this.#podGroup(pod));
  }

  /** Removes the group of a pod that has ended. */
  async remove(pod: DeepReadonly<Pod>): Promise<void> {
    await this.#cgroups.remove(this.#podGroup(pod));
    this.#limits.delete(pod.metadata.uid);
    if (this.#burstable.delete(pod.metadata.uid)) await this.#weighBurstable();
  }

  /** Removes the group of a pod of which only the uid is known. */
  async removeUnknown(uid: string): Promise<void> {
    for (const part of CLASSES) await this.#cgroups.remove(`${this.#root}${part}/pod${uid}`);
  }

  /** Removes the groups of the classes where no pod is left, of this server or another; answers whether none of its own is left. */
  async close(): Promise<boolean> {
    this.#hasBestEffort = false;
    for (const part of CLASSES.toReversed()) await this.#cgroups.removeEmpty(`${this.#root}${part}`);
    for (const path of [this.#own, TOP]) await this.#cgroups.removeEmpty(path);
    return !(await this.#cgroups.has(this.#own));
  }

  /** Removes all groups of a server that is gone, and kills what runs in them; answers whether that could be done. */
  async removeOwner(owner: string): Promise<boolean> {
    try {
      await this.#cgroups.remove(ownedBy(owner));
    } catch (error) {
      if (systemCodeOf(error) === 'EBUSY') return false;
      throw error;
    }
    await this.#cgroups.removeEmpty(TOP);
    return true;
  }

  /** Uids of the pods that have a group. */
  async uids(): Promise<readonly string[]> {
    const names = await Promise.all(
      CLASSES.map((part) => this.#cgroups.childrenAnywhere(`${this.#root}${part}`)),
    );
    return names
      .flatMap((each) => [...each])
      .flatMap((name) => (name.startsWith('pod') ? [name.slice('pod'.length)] : []));
  }

  /** What a runtime calls the group around one run of a container, which it makes or finds. */
  runParent(pod: DeepReadonly<Pod>, container: string, attempt: number): Promise<string> {
    return this.#cgroups.parent(this.#runGroup(pod, container, attempt));
  }

  #limitsOf({ spec }: DeepReadonly<Pod>): GroupLimits {
    const { pageSizes, tasksMax } = this.#options;
    return { ...podLimits(spec, pageSizes), ...(tasksMax === undefined ? {} : { tasksMax }) };
  }

  #runGroup(pod: DeepReadonly<Pod>, container: string, attempt: number): string {
    return `${this.#podGroup(pod)}/${container}-${attempt}`;
  }

  #podGroup(pod: DeepReadonly<Pod>): string {
    const quality = pod.status.qosClass ?? qosClassOf(pod.spec);
    const part = { Guaranteed: '', Burstable: '/burstable', BestEffort: '/besteffort' }[quality];
    return `${this.#root}${part}/pod${pod.metadata.uid}`;
  }

  /** Once: nothing about this class depends on its pods. */
  async #makeBestEffort(): Promise<void> {
    if (this.#hasBestEffort) return;
    await this.#cgroups.make(`${this.#root}/besteffort`, UNLIMITED);
    this.#hasBestEffort = true;
  }

  /** A class of pods weighs as much as its pods together. */
  async #weighBurstable(): Promise<void> {
    const shares = this.#burstable.values().reduce((sum, each) => sum + each, 0);
    const limits = { ...UNLIMITED, cpuShares: Math.max(shares, CPU_SHARES_MIN) };
    await this.#cgroups.make(`${this.#root}/burstable`, limits);
  }
}

const ownedBy = (owner: string): string => `${TOP}/${owner}`;

/** Of each limit the greater one; none at all is the greatest. Huge pages are the same before and after. */
function greater(one: GroupLimits, other: GroupLimits): GroupLimits {
  const most = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : Math.max(a, b));
  return {
    cpuShares: Math.max(one.cpuShares, other.cpuShares),
    cpuQuota: most(one.cpuQuota, other.cpuQuota),
    memoryLimit: most(one.memoryLimit, other.memoryLimit),
  };
}
