/** The discovery.k8s.io group in the server: endpoint slices. */
export { endpointSlices } from './endpoint-slices.ts';
