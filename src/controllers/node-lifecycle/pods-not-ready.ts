import { rfc3339 } from '../../apimachinery/clock.ts';
import { findCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isConflict, isNotFound } from '../../apimachinery/status-error.ts';
import type { Pod, PodStatus } from '../../apis/core/types.ts';
import { type Client, type EventRecorder, PODS } from '../../client/index.ts';

/** Pods marked at the same time: a commit of the store takes as many. */
const WRITES_AT_ONCE = 64;

/** What marking needs. */
export interface MarkingParts {
  readonly client: Client;
  readonly events: EventRecorder;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
}

/** Sets the Ready condition of pods to False, with an event for each, because their node is not ready. Rejects if any failed. */
export async function markPodsNotReady(
  parts: MarkingParts,
  pods: readonly DeepReadonly<Pod>[],
): Promise<void> {
  const failures: unknown[] = [];
  for (let at = 0; at < pods.length; at += WRITES_AT_ONCE) {
    const group = pods.slice(at, at + WRITES_AT_ONCE).map((pod) => markOne(parts, pod));
    for (const outcome of await Promise.allSettled(group)) {
      if (outcome.status === 'rejected') failures.push(outcome.reason);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function markOne({ client, events, wall }: MarkingParts, pod: DeepReadonly<Pod>): Promise<void> {
  const { namespace = '', name, uid } = pod.metadata;
  let known = pod;
  for (let conflicts = 0; ; conflicts++) {
    const ready = findCondition(known.status?.conditions, 'Ready');
    if (ready === undefined || ready.status === 'False') return;
    const conditions = known.status.conditions?.map((each) =>
      each === ready ? { ...each, status: 'False', lastTransitionTime: rfc3339(wall()) } : each,
    );
    const status = { ...known.status, conditions } as DeepReadonly<PodStatus>;
    try {
      await client.updateStatus(PODS, { ...known, status });
      events.event(known, 'Warning', 'NodeNotReady', 'Node is not ready');
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error) || conflicts >= 5) throw error;
      known = await client.get(PODS, namespace, name);
      if (known.metadata.uid !== uid) return;
    }
  }
}
