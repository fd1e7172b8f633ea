/** Events as events.k8s.io shows them: the same objects as the core group's, under other names. */
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { applyEventDefaults, validateEvent, validateEventUpdate } from '../../apis/core/index.ts';
import type { Event as CoreEvent } from '../../apis/core/types.ts';
import type { Event } from '../../apis/events/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { EVENT_COLUMNS } from './event-columns.ts';

/** Each field's name in events.k8s.io, and in the core group. */
const NAMES: readonly (readonly [keyof Event, keyof CoreEvent])[] = [
  ['action', 'action'],
  ['deprecatedCount', 'count'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedSource', 'source'],
  ['eventTime', 'eventTime'],
  ['note', 'message'],
  ['reason', 'reason'],
  ['regarding', 'involvedObject'],
  ['related', 'related'],
  ['reportingController', 'reportingComponent'],
  ['reportingInstance', 'reportingInstance'],
  ['series', 'series'],
  ['type', 'type'],
];

function toStored(event: Event): CoreEvent {
  const stored: Record<string, unknown> = { apiVersion: 'v1', kind: 'Event', metadata: event.metadata };
  for (const [name, core] of NAMES) if (event[name] !== undefined) stored[core] = event[name];
  const core = stored as unknown as CoreEvent;
  applyEventDefaults(core);
  return core;
}

function fromStored(stored: DeepReadonly<ApiObject>): DeepReadonly<Event> {
  const core = stored as DeepReadonly<CoreEvent>;
  const event: Record<string, unknown> = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: core.metadata,
  };
  // Unlike the core group, this one leaves empty texts out.
  for (const [name, from] of NAMES) {
    const value = core[from];
    if (value !== undefined && value !== '' && value !== 0) event[name] = value;
  }
  return event as unknown as DeepReadonly<Event>;
}

const asCore = (event: DeepReadonly<Event>): CoreEvent => toStored(event as Event);

/** `events` of events.k8s.io/v1. */
export const eventsV1: ResourceDefinition<Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  resource: 'events',
  singular: 'event',
  kind: 'Event',
  namespaced: true,
  shortNames: ['ev'],
  schema: 'io.k8s.api.events.v1.Event',
  strategy: {
    applyDefaults(event) {
      const fields = event as unknown as Record<string, unknown>;
      for (const field of ['deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'eventTime']) {
        fields[field] ??= null;
      }
      event.deprecatedSource ??= {};
      event.regarding ??= {};
    },
    prepareForCreate() {},
    validateCreate: (event) => validateEvent(asCore(event), true),
    prepareForUpdate() {},
    validateUpdate: (event, old) => validateEventUpdate(asCore(event), asCore(old), true),
    allowCreateOnUpdate: true,
  },
  columns: EVENT_COLUMNS.map((column) => ({
    ...column,
    cell: (event: DeepReadonly<Event>, now: number) => column.cell(asCore(event), now),
  })),
  selectableFields: {
    'regarding.kind': (event) => event.regarding?.kind ?? '',
    'regarding.namespace': (event) => event.regarding?.namespace ?? '',
    'regarding.name': (event) => event.regarding?.name ?? '',
    'regarding.uid': (event) => event.regarding?.uid ?? '',
    'regarding.apiVersion': (event) => event.regarding?.apiVersion ?? '',
    'regarding.resourceVersion': (event) => event.regarding?.resourceVersion ?? '',
    'regarding.fieldPath': (event) => event.regarding?.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingController: (event) => event.reportingController ?? '',
    type: (event) => event.type ?? '',
  },
  storedAs: { group: '', resource: 'events', fromStored, toStored },
};
