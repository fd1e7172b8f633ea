/**
 * Keeps the service `kubernetes` of the namespace `default`, by which clients inside a cluster find the API server.
 * Upstream: pkg/controlplane/controller/kubernetesservice and pkg/controlplane/reconcilers.
 *
 * What it guarantees: the service has the first address of the services' range and leads from port 443 to the server's port,
 * and its Endpoints and endpoint slice hold the server's address, again at each start and when somebody deletes or changes
 * service or slice.
 *
 * What it does not do: a server on a loopback address has no endpoints, as in Kubernetes; its node agent tells its own pods where it is. Nobody
 * forwards the service's own address.
 */
export { newKubernetesServiceController } from './kubernetes-service-controller.ts';
