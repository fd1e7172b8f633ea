import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Event } from '../../apis/core/types.ts';
import type { TableColumn } from '../../apiserver/resource.ts';
import { nameColumn, since, text } from '../table/index.ts';

type AnyEvent = DeepReadonly<Event>;

const firstSeen = (event: AnyEvent, now: number): string =>
  since(event.firstTimestamp ?? event.eventTime, now);

function lastSeen(event: AnyEvent, now: number): string {
  if (event.series) return since(event.series.lastObservedTime, now);
  return event.lastTimestamp ? since(event.lastTimestamp, now) : firstSeen(event, now);
}

function object({ involvedObject: { kind = '', name } }: AnyEvent): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
}

function source({ source: from, reportingComponent, reportingInstance }: AnyEvent): string {
  const component = from?.component || reportingComponent || '';
  const instance = from?.host || reportingInstance || '';
  return instance === '' ? component : `${component}, ${instance}`;
}

/** The columns of `kubectl get events`. */
export const EVENT_COLUMNS: readonly TableColumn<Event>[] = [
  text('Last Seen', 'Time since it last happened.', lastSeen),
  text('Type', 'Normal or Warning.', (event) => event.type ?? ''),
  text('Reason', 'What happened, in a word for machines.', (event) => event.reason ?? ''),
  text('Object', 'What it happened to.', object),
  text('Subobject', 'The part of it.', (event) => event.involvedObject.fieldPath ?? '', 1),
  text('Source', 'Who reports it.', source, 1),
  text('Message', 'What happened, in words.', (event) => (event.message ?? '').trim()),
  text('First Seen', 'Time since it first happened.', firstSeen, 1),
  text('Count', 'How often it happened.', (event) => event.series?.count ?? (event.count || 1), 1),
  { ...nameColumn, priority: 1 },
];
