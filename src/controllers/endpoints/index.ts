/**
 * Writes the addresses of the pods behind each service into the Endpoints of its name. Upstream: pkg/controller/endpoint.
 *
 * What it guarantees: each pod with an address that the service's selector chooses stands behind its ports, among those that are
 * ready or those that are not, at most a thousand in all; Endpoints are gone when their service is, also when that went while nobody
 * looked.
 *
 * What it does not do: it leaves the Endpoints of services without a selector, and of leader elections, alone.
 */
export { newEndpointsController } from './endpoints-controller.ts';
export { type Place, repacked } from './repack.ts';
