import { findCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod, Service } from '../../apis/core/types.ts';

/** Annotation of endpoints and slices: when what made their last change necessary came about. */
const TRIGGER_TIME_ANNOTATION = 'endpoints.kubernetes.io/last-change-trigger-time';

/**
 * Knows when what changes the endpoints of services came about: a pod's becoming ready or unready, and a service's creation. Others
 * measure by it how long endpoints take. Remembers a time for each pod of a service. Upstream: k8s.io/endpointslice/util.
 */
export class TriggerTimes {
  /** Times of pods by their names, by the keys of services. */
  readonly #seen = new Map<string, ReadonlyMap<string, string>>();

  /** When the first of the changes since the last call came about; undefined where none of them has a time. */
  next(
    key: string,
    { metadata }: DeepReadonly<Service>,
    pods: readonly DeepReadonly<Pod>[],
  ): string | undefined {
    const before = this.#seen.get(key);
    const now = new Map<string, string>();
    let first: string | undefined;
    for (const pod of pods) {
      const time = findCondition(pod.status.conditions, 'Ready')?.lastTransitionTime;
      if (!time) continue;
      const { name } = pod.metadata;
      now.set(name, time);
      // Times of the API in whole seconds: in their order as texts.
      if (time > (before?.get(name) ?? '') && (first === undefined || time < first)) first = time;
    }
    this.#seen.set(key, now);
    return before === undefined ? metadata.creationTimestamp : first;
  }

  /** A service of that key is gone. */
  forget(key: string): void {
    this.#seen.delete(key);
  }
}

/** Annotations in which the trigger time is `triggered`; undefined takes it away. */
export function withTriggerTime(
  annotations: DeepReadonly<Record<string, string>> | undefined,
  triggered: string | undefined,
): Record<string, string> {
  const { [TRIGGER_TIME_ANNOTATION]: _, ...others } = annotations ?? {};
  return triggered === undefined ? others : { ...others, [TRIGGER_TIME_ANNOTATION]: triggered };
}
