import { applyLimitRangeDefaults, validateLimitRange } from '../../apis/core/index.ts';
import type { LimitRange } from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn } from '../table/index.ts';

/** `limitranges` of v1. */
export const limitRanges: ResourceDefinition<LimitRange> = {
  group: '',
  version: 'v1',
  resource: 'limitranges',
  singular: 'limitrange',
  kind: 'LimitRange',
  namespaced: true,
  shortNames: ['limits'],
  schema: 'io.k8s.api.core.v1.LimitRange',
  strategy: {
    applyDefaults: applyLimitRangeDefaults,
    prepareForCreate({ metadata }) {
      // The one kind to which upstream gives a name when it has none.
      metadata.name ||= metadata.uid;
    },
    validateCreate: (range) => validateLimitRange(range),
    prepareForUpdate() {},
    validateUpdate: (range, _old, _context, { object }) => [...object, ...validateLimitRange(range)],
    allowCreateOnUpdate: true,
  },
  plainTable: true,
  columns: [
    nameColumn,
    { ...ageColumn, name: 'Created At', type: 'date', cell: (range) => range.metadata.creationTimestamp },
  ],
};
