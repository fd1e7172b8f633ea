import {
  type RuntimeClass,
  validateRuntimeClass,
  validateRuntimeClassChange,
} from '../../apis/node/index.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** `runtimeclasses` of node.k8s.io/v1. */
export const runtimeClasses: ResourceDefinition<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  resource: 'runtimeclasses',
  singular: 'runtimeclass',
  kind: 'RuntimeClass',
  namespaced: false,
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  strategy: {
    undomainedFinalizers: true,
    applyDefaults: () => {},
    prepareForCreate: () => {},
    validateCreate: (runtimeClass) => validateRuntimeClass(runtimeClass),
    prepareForUpdate: () => {},
    validateUpdate: (runtimeClass, old, _context, { object, change }) => [
      ...object,
      ...validateRuntimeClass(runtimeClass),
      ...change,
      ...validateRuntimeClassChange(runtimeClass, old),
    ],
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  },
  columns: [nameColumn, text('Handler', 'What runs the containers.', (each) => each.handler), ageColumn],
};
