/**
 * A node agent's certificates: asked for through the API, kept in files of mode 0600, renewed before they end. Upstream:
 * client-go util/certificate, pkg/kubelet/certificate.
 *
 * The key never leaves this machine.
 */
export {
  CertificateRefused,
  type KeyPair,
  NodeCertificate,
  type NodeCertificateOptions,
} from './node-certificate.ts';
