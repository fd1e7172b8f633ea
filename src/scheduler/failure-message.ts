/** What users read when a pod finds no node. Upstream: framework.FitError. */
import type { Failure } from './decide.ts';

/** The message while there is no node at all. */
const NO_NODES = 'no nodes available to schedule pods';

/** `0/3 nodes are available: 1 Insufficient cpu, 2 Too many pods. preemption: …`. */
export function failureMessage(failure: Failure, preemption: string | undefined): string {
  if (failure.total === 0) return NO_NODES;
  const { everywhere, total, rejections } = failure;
  const reasons = everywhere ?? histogram(rejections.flatMap(([, rejection]) => rejection.reasons));
  const none = `0/${total} nodes are available: ${reasons}.`;
  if (preemption === undefined) return none;
  // Who looks for devices that could be given back speaks before who looks for pods that could go.
  const devices = everywhere === undefined ? 'no new claims to deallocate, ' : '';
  return `${none} ${devices}preemption: ${preemption}`;
}

/** `2 Insufficient cpu, 1 Too many pods`, sorted as texts. */
export function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
