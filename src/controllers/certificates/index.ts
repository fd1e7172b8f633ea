/**
 * Certificates through the API. Upstream: pkg/controller/certificates.
 *
 * What it is: components that approve the certificate requests of node agents, sign what was approved, and remove requests
 * that nobody needs any more.
 *
 * What it guarantees: a client certificate is approved only for who may have one by RBAC (`nodeclient`, `selfnodeclient`);
 * what the signers of kubernetes.io sign is what upstream's would, for at most a year.
 *
 * What is longshore's own: a node agent's request for its serving certificate is approved when it names nothing but
 * addresses of that node and no name of the API server's; upstream leaves that to somebody else. What it does not do: it
 * never approves a certificate of any other client.
 */
export { newCertificateApprover } from './approver.ts';
export { newCertificateCleaner } from './cleaner.ts';
export { newCertificateSigner, type SignCertificate } from './signer.ts';
