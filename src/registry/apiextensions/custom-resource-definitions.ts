import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn } from '../table/index.ts';

/**
 * `customresourcedefinitions` of apiextensions.k8s.io/v1, to be looked at alone: there are none. Kubectl asks for the list
 * before it creates what knows no patch, a review for example, and takes no answer for an error.
 */
export const customResourceDefinitions: ResourceDefinition = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  verbs: ['get', 'list', 'watch'],
  schema: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  strategy: {
    applyDefaults: () => {},
    prepareForCreate: () => {},
    validateCreate: () => [],
    prepareForUpdate: () => {},
    validateUpdate: () => [],
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: false,
  },
  columns: [nameColumn, { ...ageColumn, name: 'Created At' }],
};
