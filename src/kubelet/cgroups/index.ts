/**
 * Control groups of pods: limits of a pod as a whole, and what its containers used.
 *
 * What holds: a group is there before the first container of its pod and gone after the last; what was used is told once
 * the container has ended, whatever became of its own group. Limits of single containers are the runtime's to set.
 */
export { Cgroups, type CgroupTraits, cgroupTraits, NO_CGROUPS } from './cgroups.ts';
export { findGroupTree } from './find-group-tree.ts';
export type { GroupTree } from './group-tree.ts';
export { PodGroups, type RunName } from './pod-groups.ts';
