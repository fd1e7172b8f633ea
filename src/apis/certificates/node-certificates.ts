/** The certificates that node agents may have: for their way to the server, and for the server's way to them. Pure. */
import type { CertificateRequest } from './certificate-request.ts';

/** Signs certificates with which a node agent is a client of the server. */
export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
/** Signs certificates with which a node agent is a server. */
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';
/** Signs certificates of other clients; never approved without a person. */
export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

/** Organization, and so group, of all node agents. */
export const NODES_GROUP = 'system:nodes';
/** What the name of a node agent as user begins with. */
export const NODE_USER_PREFIX = 'system:node:';

/** Why a node agent may not have that client certificate; undefined when it may. */
export function wrongKubeletClient(
  request: CertificateRequest,
  usages: readonly string[],
): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!isNamedAsNode(request)) return 'subject common name does not begin with system:node:';
  if (hasUsages(usages, 'client auth')) return undefined;
  return 'usages did not match [client auth digital signature key encipherment]';
}

/** Why a node agent may not have that serving certificate; undefined when it may. */
export function wrongKubeletServing(
  request: CertificateRequest,
  usages: readonly string[],
): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length + request.ipAddresses.length === 0) {
    return 'DNS or IP subjectAltName is required';
  }
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!hasUsages(usages, 'server auth')) {
    return 'usages did not match [digital signature key encipherment server auth]';
  }
  return isNamedAsNode(request) ? undefined : 'subject common name does not begin with system:node:';
}

/** Why a client may not have that certificate; undefined when it may. */
export function wrongClient(usages: readonly string[]): string | undefined {
  const known = ['client auth', 'digital signature', 'key encipherment'];
  const other = usages.find((usage) => !known.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth')
    ? undefined
    : 'missing required usage for client certificate: client auth';
}

function isOfNodes({ organizations }: CertificateRequest): boolean {
  return organizations.length === 1 && organizations[0] === NODES_GROUP;
}

function isNamedAsNode({ commonName }: CertificateRequest): boolean {
  return commonName.startsWith(NODE_USER_PREFIX);
}

/** Exactly those usages; encipherment only makes sense for RSA keys and may be left out. */
function hasUsages(usages: readonly string[], auth: string): boolean {
  const asked = new Set(usages);
  asked.delete('key encipherment');
  return asked.size === 2 && asked.has('digital signature') && asked.has(auth);
}
