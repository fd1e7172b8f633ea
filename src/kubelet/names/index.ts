/**
 * Names of the cluster for pods that have addresses of their own: a small DNS server on this node.
 *
 * What it is: {@link NodeNames}, which listens (UDP and TCP, port 53) on this machine's address in the pods' own network once
 * the first pod is there, and answers by the services and endpoint slices of the API as the specification of Kubernetes'
 * DNS-based service discovery 1.1.0 has it: `SERVICE.NAMESPACE.svc.DOMAIN`, `HOSTNAME.SERVICE.NAMESPACE.svc.DOMAIN`, SRV and PTR
 * records, external names.
 *
 * What it guarantees: only pods of this node are answered; names outside the cluster's domain are asked of the node's own
 * resolvers, within a time and a number.
 *
 * What it does not do: there is no proxy on this node, so that a service's name leads to its pods even where the service has an
 * address of the cluster. IPv6 alone is no network on which it listens.
 */
export { NodeNames } from './node-names.ts';
export { podSideAddress, type Routes, readRoutes } from './pod-side-address.ts';
