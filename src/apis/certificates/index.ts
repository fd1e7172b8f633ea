/** certificates.k8s.io/v1: the kind, its rules, and the requests that it carries. Pure functions. */
export { type CertificateRequest, parseCertificateRequest } from './certificate-request.ts';
export {
  CLIENT_SIGNER,
  KUBELET_CLIENT_SIGNER,
  KUBELET_SERVING_SIGNER,
  NODE_USER_PREFIX,
  NODES_GROUP,
  wrongClient,
  wrongKubeletClient,
  wrongKubeletServing,
} from './node-certificates.ts';
export type { CertificateSigningRequest, CertificateSigningRequestCondition } from './types.ts';
export { validateSigningRequest, validateSigningRequestUpdate } from './validation.ts';
