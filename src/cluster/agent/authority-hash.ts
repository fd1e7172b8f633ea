import { createHash, X509Certificate } from 'node:crypto';

/** As kubeadm hashes an authority: SHA-256 over its public key. */
export function hashOf(pem: string): string {
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
