/**
 * Copies Endpoints that somebody wrote by hand, for a service without a selector, into endpoint slices. Upstream:
 * pkg/controller/endpointslicemirroring.
 *
 * What it guarantees: the slices hold the addresses, ports, labels and annotations of the Endpoints of the same name as their service, at
 * most a thousand addresses for each set of ports, and are gone when Endpoints or service are.
 *
 * What it does not do: Endpoints with the label `endpointslice.kubernetes.io/skip-mirror: "true"`, of a leader election, or of a service
 * with a selector have no copy.
 */
export { newEndpointSliceMirroringController } from './endpoint-slice-mirroring-controller.ts';
