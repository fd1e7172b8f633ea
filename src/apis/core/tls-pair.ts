/** Whether a certificate and a private key belong together, in the words of Go's `tls.X509KeyPair`. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';

/** A block of PEM text: its label and its bytes. */
interface Block {
  readonly label: string;
  readonly bytes: Buffer;
}

const BEGIN = /^-----BEGIN (.*)-----\s*$/;
const END = /^-----END (.*)-----\s*$/;
/** Forms of a private key's bytes, in the order in which Go tries them, whatever the label says. */
const FORMS = ['pkcs1', 'pkcs8', 'sec1'] as const;
/** Key types that Go's TLS knows. */
const TYPES: ReadonlySet<string | undefined> = new Set(['rsa', 'ec', 'ed25519']);

/** What keeps a certificate and a key from being a pair; undefined for a pair. Both are PEM text. */
export function pairFault(certificate: string, key: string): string | undefined {
  const certificates = blocks(certificate);
  const first = certificates.find(({ label }) => label === 'CERTIFICATE');
  if (first === undefined) return noCertificate(certificates.map(({ label }) => label));
  const keys = blocks(key);
  const own = keys.find(({ label }) => label === 'PRIVATE KEY' || label.endsWith(' PRIVATE KEY'));
  if (own === undefined) return noKey(keys.map(({ label }) => label));
  const shown = publicKeyOf(first.bytes);
  if (shown === undefined) return 'x509: malformed certificate';
  const held = privateKeyOf(own.bytes);
  if (typeof held === 'string') return held;
  if (!TYPES.has(shown.asymmetricKeyType)) return 'tls: unknown public key algorithm';
  if (shown.asymmetricKeyType !== held.asymmetricKeyType) {
    return 'tls: private key type does not match public key type';
  }
  return createPublicKey(held).equals(shown) ? undefined : 'tls: private key does not match public key';
}

/** The blocks of a text, line by line: each line is looked at once, whatever somebody wrote. */
function blocks(text: string): readonly Block[] {
  const found: Block[] = [];
  let label: string | undefined;
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const begun = BEGIN.exec(line)?.[1];
    const ended = END.exec(line)?.[1];
    if (begun !== undefined) {
      label = begun;
      lines = [];
    } else if (ended === undefined) {
      lines.push(line);
    } else {
      if (label === ended) found.push({ label, bytes: bytesOf(lines) });
      label = undefined;
    }
  }
  return found;
}

/** What the lines of a block hold; those before the first empty one are its headers, where they have colons. */
function bytesOf(lines: readonly string[]): Buffer {
  const isHeader = lines[0]?.includes(':') === true;
  const content = isHeader ? lines.slice(lines.findIndex((line) => line.trim() === '') + 1) : lines;
  return Buffer.from(content.join(''), 'base64');
}

function noCertificate(labels: readonly string[]): string {
  if (labels.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (labels.length === 1 && labels[0]?.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${labels.join(' ')}]`;
}

function noKey(labels: readonly string[]): string {
  if (labels.length === 0) return 'tls: failed to find any PEM data in key input';
  if (labels.length === 1 && labels[0] === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${labels.join(' ')}]`;
}

function publicKeyOf(certificate: Buffer): KeyObject | undefined {
  try {
    return new X509Certificate(certificate).publicKey;
  } catch {
    return undefined;
  }
}

/** The key, or what is wrong with its bytes. */
function privateKeyOf(bytes: Buffer): KeyObject | string {
  for (const type of FORMS) {
    try {
      const key = createPrivateKey({ key: bytes, format: 'der', type });
      if (TYPES.has(key.asymmetricKeyType)) return key;
      return 'tls: found unknown private key type in PKCS#8 wrapping';
    } catch {
      // Not of that form.
    }
  }
  return 'tls: failed to parse private key';
}
