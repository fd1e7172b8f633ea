import {
  applyPriorityClassDefaults,
  type PriorityClass,
  validatePriorityClass,
  validatePriorityClassUpdate,
} from '../../apis/scheduling/index.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** `priorityclasses` of scheduling.k8s.io/v1. */
export const priorityClasses: ResourceDefinition<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  resource: 'priorityclasses',
  singular: 'priorityclass',
  kind: 'PriorityClass',
  namespaced: false,
  shortNames: ['pc'],
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  strategy: {
    applyDefaults: applyPriorityClassDefaults,
    prepareForCreate(priorityClass) {
      priorityClass.metadata.generation = 1;
    },
    validateCreate: (priorityClass) => validatePriorityClass(priorityClass),
    prepareForUpdate: () => {},
    validateUpdate: (priorityClass, old, _context, { change }) => [
      ...change,
      ...validatePriorityClassUpdate(priorityClass, old),
    ],
  },
  columns: [
    nameColumn,
    {
      name: 'Value',
      type: 'integer',
      description: 'The priority that pods of this class get.',
      priority: 0,
      cell: (priorityClass) => priorityClass.value ?? 0,
    },
    {
      name: 'Global-Default',
      type: 'boolean',
      description: 'Whether pods without a class are of this one.',
      priority: 0,
      cell: (priorityClass) => priorityClass.globalDefault ?? false,
    },
    ageColumn,
    text('PreemptionPolicy', 'Whether its pods push others out.', (each) => each.preemptionPolicy ?? ''),
  ],
};
