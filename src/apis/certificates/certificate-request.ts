/** Reads PKCS #10 certificate requests (RFC 2986) and checks their signatures. Pure, and small enough to need no library. */
import { createPublicKey, verify } from 'node:crypto';
import { type DerElement, DerError, oidOf, readDer } from './der.ts';

/** What a request asks to be certified. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  /** In the usual notation. */
  readonly ipAddresses: readonly string[];
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Buffer;
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SUBJECT_ALT_NAME = '2.5.29.17';

/** Digests of signature algorithms; undefined where the algorithm has its own. */
const DIGESTS: ReadonlyMap<string, string | undefined> = new Map([
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.3.101.112', undefined],
]);

/**
 * Reads the base64 of a PEM, as `spec.request` holds it, and checks that whoever asks has the key.
 *
 * @throws {Error} that says what is wrong.
 */
export function parseCertificateRequest(base64: string): CertificateRequest {
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  const match = /-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(pem);
  if (match?.[1] !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const [outer] = readDer(Buffer.from(match[2] ?? '', 'base64'));
  const [info, algorithm, signature] = childrenOf(outer);
  const [, subject, key, attributes] = childrenOf(info);
  if (info === undefined || key === undefined || signature === undefined) {
    throw new DerError('asn1: structure error: this is no certificate request');
  }
  // The first byte of a bit string counts its unused bits.
  checkSignature(info.whole, key.whole, algorithm, signature.content.subarray(1));
  return { ...readSubject(subject), ...readAltNames(attributes), publicKey: Buffer.from(key.whole) };
}

function childrenOf(element: DerElement | undefined): readonly DerElement[] {
  // Only what is constructed has elements within.
  if (element === undefined || (element.tag & 0x20) === 0) {
    throw new DerError('asn1: structure error: tags do not match');
  }
  return readDer(element.content);
}

function checkSignature(
  signed: Buffer,
  spki: Buffer,
  algorithm: DerElement | undefined,
  signature: Buffer,
): void {
  const oid = oidOf(childrenOf(algorithm)[0]?.content ?? Buffer.alloc(0));
  if (!DIGESTS.has(oid)) throw new Error('x509: cannot verify signature: algorithm unimplemented');
  let isGood: boolean;
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    isGood = verify(DIGESTS.get(oid), signed, key, signature);
  } catch (cause) {
    throw new Error('x509: the public key cannot be used', { cause });
  }
  if (!isGood) throw new Error('x509: the signature does not fit the public key');
}

function readSubject(
  subject: DerElement | undefined,
): Pick<CertificateRequest, 'commonName' | 'organizations'> {
  let commonName = '';
  const organizations: string[] = [];
  for (const set of childrenOf(subject)) {
    for (const pair of childrenOf(set)) {
      const [type, value] = childrenOf(pair);
      const oid = oidOf(type?.content ?? Buffer.alloc(0));
      const text = value?.content.toString('utf8') ?? '';
      if (oid === COMMON_NAME) commonName = text;
      else if (oid === ORGANIZATION) organizations.push(text);
    }
  }
  return { commonName, organizations };
}

type AltNames = Pick<CertificateRequest, 'dnsNames' | 'emailAddresses' | 'uris' | 'ipAddresses'>;

/** The alternative names among the extensions that a request's attributes ask for. */
function readAltNames(attributes: DerElement | undefined): AltNames {
  const names = {
    dnsNames: [] as string[],
    emailAddresses: [] as string[],
    uris: [] as string[],
    ipAddresses: [] as string[],
  };
  if (attributes === undefined) return names;
  for (const attribute of childrenOf(attributes)) {
    const [type, values] = childrenOf(attribute);
    if (oidOf(type?.content ?? Buffer.alloc(0)) !== EXTENSION_REQUEST) continue;
    for (const extension of childrenOf(childrenOf(values)[0])) {
      const parts = childrenOf(extension);
      if (oidOf(parts[0]?.content ?? Buffer.alloc(0)) !== SUBJECT_ALT_NAME) continue;
      const [list] = readDer(parts.at(-1)?.content ?? Buffer.alloc(0));
      for (const { tag, content } of childrenOf(list)) {
        // Context tags of GeneralName (RFC 5280 section 4.2.1.6).
        if (tag === 0x81) names.emailAddresses.push(content.toString('latin1'));
        else if (tag === 0x82) names.dnsNames.push(content.toString('latin1'));
        else if (tag === 0x86) names.uris.push(content.toString('latin1'));
        else if (tag === 0x87) names.ipAddresses.push(addressOf(content));
        else throw new DerError('x509: unsupported kind of alternative name');
      }
    }
  }
  return names;
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) throw new DerError(`x509: cannot parse IP address of length ${bytes.length}`);
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
