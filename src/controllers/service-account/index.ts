/**
 * Gives each namespace what pods expect to find there. Upstream: pkg/controller/serviceaccount and
 * pkg/controller/certificates/rootcacertpublisher. And gives each Secret of type kubernetes.io/service-account-token what it
 * is for. Upstream: tokens_controller.go.
 *
 * What it guarantees: an active namespace has the ServiceAccount `default` and the ConfigMap `kube-root-ca.crt` with the
 * certificate authority of the API server, again if somebody deletes or changes them. A Secret for a token holds `token`,
 * `ca.crt` and `namespace`, goes with its account, and is then no longer named by it.
 *
 * What it does not do: it signs nothing itself, makes no Secret, and touches no other account.
 */
export { newSecretTokenController, type SignSecretToken } from './secret-token-controller.ts';
export { newServiceAccountController } from './service-account-controller.ts';
