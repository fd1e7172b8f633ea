/**
 * The discovery.k8s.io group: endpoint slices, which name the pods behind a service.
 *
 * Holds types, defaults and rules. Who fills them is a controller's business.
 */
export {
  applyEndpointSliceDefaults,
  validateEndpointSlice,
  validateEndpointSliceUpdate,
} from './endpoint-slice.ts';
export type * from './types.ts';
