/**
 * What a node does before it runs out of memory or disk: it says so, takes no more pods, frees what nobody needs, and
 * evicts pods in the order in which Kubernetes does.
 */
export { amountBelow, type ContainerDiskUse, type DiskAmount, type DiskUse } from './disk-use.ts';
export { type EvictablePod, EvictionManager } from './eviction-manager.ts';
export { observe } from './observe.ts';
export type { PodUse } from './rank.ts';
export type { Pressure, ScarceResource } from './thresholds.ts';
