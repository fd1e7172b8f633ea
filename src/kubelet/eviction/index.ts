/**
 * What a node does before it runs out of memory or disk: it says so, takes no more pods, frees what nobody needs, and
 * evicts pods in the order in which Kubernetes does.
 */
export { bytesBelow } from './disk-use.ts';
export { type EvictablePod, EvictionManager } from './eviction-manager.ts';
export type { DiskUse } from './local-limits.ts';
export { observe } from './observe.ts';
export type { PodUse } from './rank.ts';
export type { Pressure } from './thresholds.ts';
