import { applyConfigMapDefaults, validateConfigMap, validateConfigMapUpdate } from '../../apis/core/index.ts';
import type { ConfigMap } from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** `configmaps` of v1. */
export const configMaps: ResourceDefinition<ConfigMap> = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  singular: 'configmap',
  kind: 'ConfigMap',
  namespaced: true,
  shortNames: ['cm'],
  schema: 'io.k8s.api.core.v1.ConfigMap',
  strategy: {
    applyDefaults: applyConfigMapDefaults,
    prepareForCreate() {},
    validateCreate: (map) => validateConfigMap(map),
    prepareForUpdate() {},
    validateUpdate: (map, old, _context, metadata) => validateConfigMapUpdate(map, old, metadata),
  },
  columns: [
    nameColumn,
    text(
      'Data',
      'How many keys it has.',
      ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    ),
    ageColumn,
  ],
};
