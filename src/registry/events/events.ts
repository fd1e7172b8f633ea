import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { applyEventDefaults, validateEvent, validateEventUpdate } from '../../apis/core/index.ts';
import type { Event as CoreEvent } from '../../apis/core/types.ts';
import { type Event, eventFromCore, eventToCore } from '../../apis/events/index.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { nameColumn, since, text } from '../table/index.ts';

/** The rules are written for the stored form. */
function core(event: DeepReadonly<Event>): CoreEvent {
  return eventToCore(event as Event);
}

/** Defaults are those of the stored form as well. */
function applyDefaults(event: Event): void {
  const stored = core(event);
  applyEventDefaults(stored);
  Object.assign(event, eventFromCore(stored));
}

/** `events` of events.k8s.io/v1, stored as those of the core group. */
export const newEvents: ResourceDefinition<Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  resource: 'events',
  singular: 'event',
  kind: 'Event',
  namespaced: true,
  shortNames: ['ev'],
  schema: 'io.k8s.api.events.v1.Event',
  uncached: true,
  storedAs: {
    group: '',
    resource: 'events',
    fromStored: (stored: DeepReadonly<ApiObject>) =>
      eventFromCore(stored as unknown as DeepReadonly<CoreEvent>),
    toStored(event) {
      const stored = eventToCore(event);
      applyEventDefaults(stored);
      return stored;
    },
  },
  strategy: {
    defaultPropagation: 'Unsupported',
    applyDefaults,
    prepareForCreate: () => {},
    validateCreate: (event) => validateEvent(core(event), true),
    prepareForUpdate: () => {},
    validateUpdate: (event, old, _context, { change }) =>
      validateEventUpdate(core(event), core(old), true, change),
    allowCreateOnUpdate: true,
  },
  columns: [
    text('Last Seen', 'When it was last seen.', (event, now) => since(lastSeen(event), now)),
    text('Type', 'Normal or Warning.', (event) => event.type ?? ''),
    text('Reason', 'Why, in one word.', (event) => event.reason ?? ''),
    text('Object', 'What it is about.', ({ regarding }) => objectOf(regarding)),
    text('Subobject', 'Which part of it.', ({ regarding }) => regarding?.fieldPath ?? '', 1),
    text('Source', 'Who reported it.', (event) => sourceOf(event), 1),
    text('Message', 'What happened.', (event) => (event.note ?? '').trim()),
    text('First Seen', 'When it was first seen.', (event, now) => since(firstSeen(event), now), 1),
    text('Count', 'How often it was seen.', (event) => countOf(event), 1),
    { ...nameColumn, priority: 1 },
  ],
  selectableFields: {
    'regarding.kind': ({ regarding }) => regarding?.kind ?? '',
    'regarding.namespace': ({ regarding }) => regarding?.namespace ?? '',
    'regarding.name': ({ regarding }) => regarding?.name ?? '',
    'regarding.uid': ({ regarding }) => regarding?.uid ?? '',
    'regarding.apiVersion': ({ regarding }) => regarding?.apiVersion ?? '',
    'regarding.resourceVersion': ({ regarding }) => regarding?.resourceVersion ?? '',
    'regarding.fieldPath': ({ regarding }) => regarding?.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingController: (event) => event.reportingController ?? event.deprecatedSource?.component ?? '',
    type: (event) => event.type ?? '',
  },
};

type AnyEvent = DeepReadonly<Event>;

function lastSeen(event: AnyEvent): string | undefined {
  return event.series?.lastObservedTime ?? event.deprecatedLastTimestamp ?? event.eventTime;
}

function firstSeen(event: AnyEvent): string | undefined {
  return event.deprecatedFirstTimestamp ?? event.eventTime;
}

function countOf(event: AnyEvent): number {
  return event.series?.count ?? (event.deprecatedCount || 1);
}

function objectOf(regarding: AnyEvent['regarding']): string {
  const kind = (regarding?.kind ?? '').toLowerCase();
  return regarding?.name ? `${kind}/${regarding.name}` : kind;
}

function sourceOf({ deprecatedSource, reportingController, reportingInstance }: AnyEvent): string {
  const component = deprecatedSource?.component || reportingController || '';
  const instance = deprecatedSource?.host || reportingInstance || '';
  return instance === '' ? component : `${component}, ${instance}`;
}
