/**
 * Gives each namespace what pods expect to find there. Upstream: pkg/controller/serviceaccount and
 * pkg/controller/certificates/rootcacertpublisher.
 *
 * What it guarantees: an active namespace has the ServiceAccount `default` and the ConfigMap `kube-root-ca.crt` with the
 * certificate authority of the API server, again if somebody deletes or changes them.
 *
 * What it does not do: it makes no tokens (the API server answers token requests) and touches no other account.
 */
export { newServiceAccountController } from './service-account-controller.ts';
