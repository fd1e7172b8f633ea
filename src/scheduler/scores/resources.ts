/** Room that would be left. Upstream: plugins/noderesources, least_allocated and balanced_allocation. */
import type { NodeState } from '../node-state.ts';
import { SCORE_MAX, type Score } from './score.ts';

/** Prefers nodes of which the least is taken, CPU and memory counting the same. */
export const leastAllocated: Score = {
  weight: 1,
  marks: ({ scored }, nodes) =>
    nodes.map(({ allocatable, scored: taken }) => {
      let sum = 0;
      let kinds = 0;
      for (const kind of ['cpu', 'memory'] as const) {
        const capacity = allocatable[kind];
        if (capacity === 0) continue;
        kinds += 1;
        const used = taken[kind] + scored[kind];
        if (used <= capacity) sum += Math.floor(((capacity - used) * SCORE_MAX) / capacity);
      }
      return kinds === 0 ? 0 : Math.floor(sum / kinds);
    }),
};

/** Prefers nodes whose CPU and memory would be used more evenly with the pod than without. */
export const balancedAllocation: Score = {
  weight: 1,
  marks: ({ asked }, nodes) => {
    if (asked.cpu === 0 && asked.memory === 0) return undefined;
    return nodes.map((state) => {
      const change = balance(state, asked.cpu, asked.memory) - balance(state, 0, 0);
      return Math.trunc(SCORE_MAX / 2 + (SCORE_MAX / 2 + change) / 2);
    });
  },
};

/** How even the shares of CPU and memory are: {@link SCORE_MAX} when equal, half of it when one is full and one unused. */
function balance({ allocatable, asked }: NodeState, cpu: number, memory: number): number {
  if (allocatable.cpu === 0 || allocatable.memory === 0) return SCORE_MAX;
  const ofCpu = Math.min(1, (asked.cpu + cpu) / allocatable.cpu);
  const ofMemory = Math.min(1, (asked.memory + memory) / allocatable.memory);
  return Math.trunc((1 - Math.abs(ofCpu - ofMemory) / 2) * SCORE_MAX);
}
