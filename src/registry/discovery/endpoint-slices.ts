import { sameMeaning } from '../../apis/core/index.ts';
import {
  applyEndpointSliceDefaults,
  type EndpointSlice,
  validateEndpointSlice,
  validateEndpointSliceUpdate,
} from '../../apis/discovery/index.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** Ports or addresses shown before the rest is only counted. */
const SHOWN_MAX = 3;

/** The topology of an endpoint was moved to `nodeName` and `zone`; v1 writes of the old field are dropped. */
function dropTopology(slice: EndpointSlice): void {
  for (const endpoint of slice.endpoints ?? []) delete endpoint.deprecatedTopology;
}

/** `endpointslices` of discovery.k8s.io/v1. */
export const endpointSlices: ResourceDefinition<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  resource: 'endpointslices',
  singular: 'endpointslice',
  kind: 'EndpointSlice',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  strategy: {
    applyDefaults: applyEndpointSliceDefaults,
    prepareForCreate(slice) {
      slice.metadata.generation = 1;
      dropTopology(slice);
    },
    validateCreate: (slice) => validateEndpointSlice(slice),
    warningsOnCreate: (slice) =>
      slice.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [],
    prepareForUpdate(slice, old) {
      dropTopology(slice);
      const { metadata: _, ...now } = slice;
      const { metadata: __, ...before } = old;
      if (!sameMeaning(now, before) || !sameMeaning(slice.metadata.labels, old.metadata.labels, 'labels')) {
        slice.metadata.generation = Number(old.metadata.generation ?? 0) + 1;
      }
    },
    validateUpdate: (slice, old, _context, { object }) => [
      ...object,
      ...validateEndpointSliceUpdate(slice, old),
    ],
  },
  columns: [
    nameColumn,
    text('AddressType', 'What kind of addresses these are.', (slice) => slice.addressType),
    text('Ports', 'The ports of each endpoint.', ({ ports }) =>
      shortList((ports ?? []).map((port) => String(port.port ?? port.name ?? '*'))),
    ),
    text('Endpoints', 'The addresses.', ({ endpoints }) =>
      shortList((endpoints ?? []).flatMap((endpoint) => endpoint.addresses)),
    ),
    ageColumn,
  ],
};

function shortList(entries: readonly string[]): string {
  const shown = entries.slice(0, SHOWN_MAX).join(',');
  if (entries.length > SHOWN_MAX) return `${shown} + ${entries.length - SHOWN_MAX} more...`;
  return shown === '' ? '<unset>' : shown;
}
