/**
 * Certificates of a server: its own authority, its serving certificate, those of its clients. Kept in a directory, made
 * when missing, renewed before they end.
 *
 * It guarantees files of mode 0600 and EC P-256 keys. It loads the library that makes certificates only when it makes one.
 */
export type { KeyPair, SigningOrder } from './certificate-authority.ts';
export {
  type CertificateStoreOptions,
  type Certificates,
  openCertificates,
} from './certificate-store.ts';
