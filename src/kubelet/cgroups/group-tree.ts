/** The control groups that pods run below, whoever makes them: this process ({@link Cgroups}) or systemd ({@link SliceGroups}). */
import type { GroupLimits, GroupUsage } from './control-files.ts';

/** Paths are the same whoever makes the groups: `/longshore/<owner>/kubepods/burstable/pod…`. */
export interface GroupTree {
  /** Makes a group, and those above it, with those limits; what there is of it stays. */
  make(path: string, limits: GroupLimits): Promise<void>;
  /** Changes the limits of a group that is there. */
  limit(path: string, limits: GroupLimits): Promise<void>;
  /** Sees to it that a runtime can put something below that group; answers what it is to call it. */
  parent(path: string): Promise<string>;
  /** Makes a group that only holds processes, with those limits; answers the files to whom a process tells its pid to join it. */
  makeLeaf(path: string, limits: GroupLimits): Promise<readonly string[]>;
  /** What was used in a group and all below it; undefined when it is not there. */
  usage(path: string): Promise<GroupUsage | undefined>;
  /** Bytes of memory that a group uses now and could not do without; 0 when it is not there. */
  workingSet(path: string): Promise<number>;
  /** Bytes of memory that a group takes now; 0 when it is not there. */
  memoryUse(path: string): Promise<number>;
  /** How many tasks there are in a group and all below it; 0 when it is not there. */
  taskCount(path: string): Promise<number>;
  /** Names of the groups right below one; none where it is not there. */
  children(path: string): Promise<readonly string[]>;
  /** The same for every controller: a removal that was broken off has left a group for some of them. */
  childrenAnywhere(path: string): Promise<ReadonlySet<string>>;
  /** Whether the group is there. */
  has(path: string): Promise<boolean>;
  /** Removes a group and all below it; what still runs there is killed. */
  remove(path: string): Promise<void>;
  /** Removes a group unless something is in it. */
  removeEmpty(path: string): Promise<void>;
}
