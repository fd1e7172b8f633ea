import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Event } from '../../apis/core/types.ts';

/** When an Event happened last, whichever of its three times says so: milliseconds since 1970. */
export function eventTime({ lastTimestamp, eventTime, metadata }: DeepReadonly<Event>): number {
  return Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp);
}
