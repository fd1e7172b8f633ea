import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { applyEndpointsDefaults, validateEndpoints } from '../../apis/core/index.ts';
import type { Endpoints } from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** Addresses that a cell shows. */
const SHOWN_MAX = 3;

function addresses({ subsets }: DeepReadonly<Endpoints>): string {
  const all = (subsets ?? []).flatMap(({ addresses: found = [], ports }) => {
    if (!ports?.length) return found.map(({ ip }) => ip);
    return ports.flatMap(({ port }) =>
      found.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
    );
  });
  if (!subsets?.length) return '<none>';
  const shown = all.slice(0, SHOWN_MAX).join(',');
  return all.length > SHOWN_MAX ? `${shown} + ${all.length - SHOWN_MAX} more...` : shown;
}

/** `endpoints` of v1. */
export const endpoints: ResourceDefinition<Endpoints> = {
  group: '',
  version: 'v1',
  resource: 'endpoints',
  storagePrefix: 'services/endpoints',
  singular: 'endpoints',
  kind: 'Endpoints',
  namespaced: true,
  shortNames: ['ep'],
  schema: 'io.k8s.api.core.v1.Endpoints',
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  strategy: {
    applyDefaults: applyEndpointsDefaults,
    prepareForCreate() {},
    validateCreate: (object) => validateEndpoints(object),
    prepareForUpdate() {},
    validateUpdate: (endpoints, _old, _context, { object, change }) => [
      ...change,
      ...object,
      ...validateEndpoints(endpoints),
    ],
    allowCreateOnUpdate: true,
  },
  columns: [nameColumn, text('Endpoints', 'Addresses and ports behind the service.', addresses), ageColumn],
};
