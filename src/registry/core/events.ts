import { validatePathSegmentName } from '../../apimachinery/validation/index.ts';
import { applyEventDefaults, validateEvent, validateEventUpdate } from '../../apis/core/index.ts';
import type { Event } from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { EVENT_COLUMNS } from './event-columns.ts';

/** `events` of v1. */
export const events: ResourceDefinition<Event> = {
  group: '',
  version: 'v1',
  resource: 'events',
  singular: 'event',
  kind: 'Event',
  namespaced: true,
  shortNames: ['ev'],
  schema: 'io.k8s.api.core.v1.Event',
  uncached: true,
  strategy: {
    defaultPropagation: 'Unsupported',
    validateName: validatePathSegmentName,
    undomainedFinalizers: true,
    applyDefaults: applyEventDefaults,
    prepareForCreate() {},
    validateCreate: (event) => validateEvent(event, false),
    prepareForUpdate() {},
    metadataLast: true,
    validateUpdate: (event, old) => validateEventUpdate(event, old, false),
    allowCreateOnUpdate: true,
  },
  columns: EVENT_COLUMNS,
  selectableFields: {
    'involvedObject.kind': (event) => event.involvedObject.kind ?? '',
    'involvedObject.namespace': (event) => event.involvedObject.namespace ?? '',
    'involvedObject.name': (event) => event.involvedObject.name ?? '',
    'involvedObject.uid': (event) => event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': (event) => event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (event) => event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (event) => event.involvedObject.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingComponent: (event) => event.reportingComponent ?? '',
    source: (event) => event.source?.component || event.reportingComponent || '',
    type: (event) => event.type ?? '',
  },
};
