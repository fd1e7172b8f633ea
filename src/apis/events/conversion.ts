/**
 * The two forms of one event: that of the core group, which is stored, and that of events.k8s.io. They carry the same under
 * other names.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Event as CoreEvent } from '../core/types.ts';
import type { Event } from './types.ts';

/** What both forms call by one name. */
const SHARED = [
  'metadata',
  'action',
  'eventTime',
  'reason',
  'related',
  'reportingInstance',
  'series',
  'type',
] as const;

/** Other names: that of events.k8s.io, then that of the core group. */
const RENAMED = [
  ['deprecatedCount', 'count'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedSource', 'source'],
  ['note', 'message'],
  ['regarding', 'involvedObject'],
  ['reportingController', 'reportingComponent'],
] as const;

type Fields = Record<string, unknown>;

/** The event as events.k8s.io shows it. Shares its parts with the stored one. */
export function eventFromCore(core: DeepReadonly<CoreEvent>): DeepReadonly<Event> {
  const from = core as unknown as Fields;
  const event: Fields = { apiVersion: 'events.k8s.io/v1', kind: 'Event' };
  for (const name of SHARED) if (from[name] !== undefined && from[name] !== '') event[name] = from[name];
  for (const [name, coreName] of RENAMED) {
    if (from[coreName] !== undefined && from[coreName] !== '') event[name] = from[coreName];
  }
  return event as unknown as DeepReadonly<Event>;
}

/** The event as it is stored. Takes over the parts of the one given. */
export function eventToCore(event: Event): CoreEvent {
  const from = event as unknown as Fields;
  const core: Fields = { apiVersion: 'v1', kind: 'Event' };
  for (const name of SHARED) if (from[name] !== undefined) core[name] = from[name];
  for (const [name, coreName] of RENAMED) if (from[name] !== undefined) core[coreName] = from[name];
  return core as unknown as CoreEvent;
}
