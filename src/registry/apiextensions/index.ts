/** The apiextensions.k8s.io group in the server: the list of custom resource definitions, which is empty. */
export { customResourceDefinitions } from './custom-resource-definitions.ts';
