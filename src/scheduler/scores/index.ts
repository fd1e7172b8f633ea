/** The rules by which the nodes that will do are compared, with upstream's weights. Pure, as the filters are. */
import { imageLocality } from './image-locality.ts';
import { preferredNodes, preferredPods, preferredTaints } from './preferences.ts';
import { balancedAllocation, leastAllocated } from './resources.ts';
import type { Score } from './score.ts';
import { preferredSpread } from './topology-spread.ts';

/** See the file's head. */
export const SCORES: readonly Score[] = [
  preferredTaints,
  preferredNodes,
  leastAllocated,
  preferredSpread,
  preferredPods,
  balancedAllocation,
  imageLocality,
];
