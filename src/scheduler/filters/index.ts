/**
 * The rules that decide which nodes will do, in the order in which upstream asks them: of a node that breaks several, the
 * first one's reasons are told. Pure: each looks at a pod and the cluster's state and changes nothing.
 */
import type { Filter } from './filter.ts';
import { nodeAffinity } from './node-affinity.ts';
import { heldAntiAffinity, podAffinity, podAntiAffinity } from './pod-affinity.ts';
import { ports } from './ports.ts';
import { resources } from './resources.ts';
import { taints, unschedulable } from './taints.ts';
import { topologySpread } from './topology-spread.ts';
import { volumeClaims } from './volume-claims.ts';

export type { NodeCheck, Rejection } from './filter.ts';
export { UNWELCOME } from './pod-affinity.ts';
export { volumesOn, waitingClaims } from './volume-claims.ts';

/** See the file's head. */
export const FILTERS: readonly Filter[] = [
  unschedulable,
  taints,
  nodeAffinity,
  ports,
  resources,
  volumeClaims,
  topologySpread,
  podAffinity,
  podAntiAffinity,
  heldAntiAffinity,
];
