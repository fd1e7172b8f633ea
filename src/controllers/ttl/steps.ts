/** Sizes of a cluster and the seconds that belong to them. They overlap, so that one node more or less changes nothing twice. */
const STEPS = [
  { nodesMin: 0, nodesMax: 100, seconds: 0 },
  { nodesMin: 90, nodesMax: 500, seconds: 15 },
  { nodesMin: 450, nodesMax: 1_000, seconds: 30 },
  { nodesMin: 900, nodesMax: 2_000, seconds: 60 },
  { nodesMin: 1_800, nodesMax: Infinity, seconds: 300 },
] as const;

/** The step for a cluster of `nodes`, coming from step `from`. Pure. */
export function stepFor(nodes: number, from: number): number {
  let step = from;
  while (nodes > (STEPS[step]?.nodesMax ?? Infinity)) step += 1;
  while (nodes < (STEPS[step]?.nodesMin ?? 0)) step -= 1;
  return step;
}

/** For how many seconds nodes may rely on what they know at that step. */
export const secondsAt = (step: number): number => STEPS[step]?.seconds ?? 0;
