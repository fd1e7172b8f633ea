/**
 * Writes the addresses of the pods behind each service into endpoint slices. Upstream: pkg/controller/endpointslice.
 *
 * What it guarantees: each pod with an address that the service's selector chooses stands in one slice, with its ports, its
 * readiness and, where its subdomain is the service's name, its hostname; a slice has at most a hundred; endpoints stay in
 * the slice in which they are.
 *
 * What it does not do: it leaves services without a selector, and slices that others manage, alone.
 */
export { newEndpointSliceController } from './endpoint-slice-controller.ts';
export { hasPlace, portNumber } from './endpoints.ts';
export { byHash, hashOf, slicePortText } from './go-hash.ts';
export { followSelectedPods, selects } from './selected-pods.ts';
export { TriggerTimes, withTriggerTime } from './trigger-times.ts';
