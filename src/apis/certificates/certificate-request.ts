/** Reads PKCS #10 certificate requests (RFC 2986) and checks their signatures. Pure, and small enough to need no library. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type DerElement, DerError, type DerForm, oidOf, readDer } from './der.ts';

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

/** A signature algorithm as Go knows it: by its name, its kind of key, and its digest, undefined where the algorithm has its own. */
interface SignatureAlgorithm {
  readonly name: string;
  readonly key: 'ECDSA' | 'Ed25519' | 'RSA';
  readonly digest: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512' | undefined;
}

const rsa = (digest: SignatureAlgorithm['digest'], name: string): SignatureAlgorithm => ({
  name,
  key: 'RSA',
  digest,
});
const ecdsa = (digest: SignatureAlgorithm['digest'], name: string): SignatureAlgorithm => ({
  name,
  key: 'ECDSA',
  digest,
});

/** By their object identifiers. Go lets requests be signed by way of SHA-1. */
const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['1.2.840.113549.1.1.4', rsa('md5', 'MD5-RSA')],
  ['1.2.840.113549.1.1.5', rsa('sha1', 'SHA1-RSA')],
  ['1.3.14.3.2.29', rsa('sha1', 'SHA1-RSA')],
  ['1.2.840.113549.1.1.11', rsa('sha256', 'SHA256-RSA')],
  ['1.2.840.113549.1.1.12', rsa('sha384', 'SHA384-RSA')],
  ['1.2.840.113549.1.1.13', rsa('sha512', 'SHA512-RSA')],
  ['1.2.840.10045.4.1', ecdsa('sha1', 'ECDSA-SHA1')],
  ['1.2.840.10045.4.3.2', ecdsa('sha256', 'ECDSA-SHA256')],
  ['1.2.840.10045.4.3.3', ecdsa('sha384', 'ECDSA-SHA384')],
  ['1.2.840.10045.4.3.4', ecdsa('sha512', 'ECDSA-SHA512')],
  ['1.3.101.112', { name: 'Ed25519', key: 'Ed25519', digest: undefined }],
]);

/** Kinds of keys by their object identifiers, with the names of Go's types for them. */
const KEYS: ReadonlyMap<string, readonly [SignatureAlgorithm['key'], string]> = new Map([
  ['1.2.840.113549.1.1.1', ['RSA', '*rsa.PublicKey']],
  ['1.2.840.10045.2.1', ['ECDSA', '*ecdsa.PublicKey']],
  ['1.3.101.112', ['Ed25519', 'ed25519.PublicKey']],
]);

const OID: DerForm = { kind: 'object identifier', type: 'ObjectIdentifier' };
const BITS: DerForm = { kind: 'bits', type: 'BitString' };
const RAW: DerForm = { kind: 'raw', type: 'RawValue' };
const sequence = (type: string, ...parts: readonly DerForm[]): DerForm => ({ kind: 'sequence', type, parts });

const ALGORITHM = sequence('AlgorithmIdentifier', OID, { ...RAW, optional: true });
const REQUEST = sequence(
  'certificateRequest',
  sequence(
    'tbsCertificateRequest',
    { kind: 'integer', type: 'int' },
    RAW,
    sequence('publicKeyInfo', ALGORITHM, BITS),
    { kind: 'list', type: '', parts: [RAW], context: 0 },
  ),
  ALGORITHM,
  BITS,
);
const ATTRIBUTE = sequence('pkcs10Attribute', OID, { kind: 'list', type: '', parts: [RAW], isSet: true });
const SUBJECT: DerForm = {
  kind: 'list',
  type: 'RDNSequence',
  parts: [
    {
      kind: 'list',
      type: 'RelativeDistinguishedNameSET',
      isSet: true,
      parts: [sequence('AttributeTypeAndValue', OID, { kind: 'any', type: '' })],
    },
  ],
};
const EXTENSIONS: DerForm = {
  kind: 'list',
  type: '',
  parts: [
    sequence(
      'Extension',
      OID,
      { kind: 'boolean', type: 'bool', optional: true },
      { kind: 'octets', type: '' },
    ),
  ],
};
/**
 * Reads the base64 of a PEM, as `spec.request` holds it, and checks that whoever asks has the key.
 *
 * @throws {Error} that says what is wrong.
 */
export function parseCertificateRequest(base64: string): CertificateRequest {
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  const match = /-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(pem);
  if (match?.[1] !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const bytes = Buffer.from(match[2] ?? '', 'base64');
  const { element: request, end } = readDer(bytes, REQUEST);
  if (end < bytes.length) throw new DerError('asn1: syntax error: trailing data');
  const [info = NOTHING, algorithm = NOTHING, signature = NOTHING] = request.parts;
  const [, subject = NOTHING, key = NOTHING, attributes = NOTHING] = info.parts;
  const keyKind = KEYS.get(oidOf(key.parts[0]?.parts[0]?.content ?? NOTHING.content));
  const publicKey = keyKind === undefined ? undefined : readKey(key, keyKind[0]);
  const asked = { ...readSubject(subject), ...readAltNames(attributes), publicKey: Buffer.from(key.whole) };
  const how = ALGORITHMS.get(oidOf(algorithm.parts[0]?.content ?? NOTHING.content));
  if (how === undefined || keyKind === undefined || publicKey === undefined) throw new Error(UNIMPLEMENTED);
  // The first byte of a bit string counts its unused bits.
  checkSignature(info.whole, { key: publicKey, type: keyKind }, how, signature.content.subarray(1));
  return asked;
}

const NOTHING: DerElement = { whole: Buffer.alloc(0), content: Buffer.alloc(0), tag: 0, parts: [] };
const UNIMPLEMENTED = 'x509: cannot verify signature: algorithm unimplemented';

/** Curves of ECDSA keys that Go knows, by their object identifiers. */
const CURVES: ReadonlyMap<string, string> = new Map([
  ['1.3.132.0.33', 'P224'],
  ['1.2.840.10045.3.1.7', 'P256'],
  ['1.3.132.0.34', 'P384'],
  ['1.3.132.0.35', 'P521'],
]);

function readKey(
  { whole, parts: [algorithm, bits] }: DerElement,
  kind: SignatureAlgorithm['key'],
): KeyObject {
  const parameters = algorithm?.parts[1] ?? NOTHING;
  const curve = kind === 'ECDSA' ? curveOf(parameters) : undefined;
  if (kind === 'RSA' && parameters.whole.toString('hex') !== '0500') {
    throw new Error('x509: RSA key missing NULL parameters');
  }
  try {
    return createPublicKey({ key: whole, format: 'der', type: 'spki' });
  } catch (cause) {
    if (curve === undefined) throw new Error('x509: the public key cannot be used', { cause });
    const isPlain = bits?.content[1] === 4;
    throw new Error(isPlain ? `${curve} point not on curve` : 'ecdsa: invalid uncompressed public key', {
      cause,
    });
  }
}

function curveOf({ whole, tag, content }: DerElement): string {
  let oid: string;
  try {
    if (tag !== 6) throw new DerError('no name of a curve');
    readDer(whole, OID);
    oid = oidOf(content);
  } catch (cause) {
    throw new Error('x509: invalid ECDSA parameters', { cause });
  }
  const curve = CURVES.get(oid);
  if (curve === undefined) throw new Error('x509: unsupported elliptic curve');
  return curve;
}

/** Go's complaint of each kind of key about a signature that another key has made. */
const FAILURES = {
  ECDSA: 'x509: ECDSA verification failure',
  Ed25519: 'x509: Ed25519 verification failure',
  RSA: 'crypto/rsa: verification error',
} as const;

function checkSignature(
  signed: Buffer,
  {
    key,
    type: [kind, type],
  }: { readonly key: KeyObject; readonly type: readonly [SignatureAlgorithm['key'], string] },
  algorithm: SignatureAlgorithm,
  signature: Buffer,
): void {
  if (algorithm.digest === 'md5') {
    throw new Error(`x509: cannot verify signature: insecure algorithm ${algorithm.name}`);
  }
  if (algorithm.key !== kind) {
    throw new Error(
      `x509: signature algorithm specifies an ${algorithm.key} public key, but have public key of type ${type}`,
    );
  }
  let isGood = false;
  try {
    isGood = verify(algorithm.digest, signed, key, signature);
  } catch {
    isGood = false; // What is no signature at all does not fit either.
  }
  if (!isGood) throw new Error(FAILURES[kind]);
}

function readSubject(subject: DerElement): Pick<CertificateRequest, 'commonName' | 'organizations'> {
  let commonName = '';
  const organizations: string[] = [];
  const { element, end } = readDer(subject.whole, SUBJECT);
  if (end < subject.whole.length) throw new DerError('x509: trailing data after X.509 Subject');
  for (const { parts } of element.parts.flatMap((set) => set.parts)) {
    const [type = NOTHING, value = NOTHING] = parts;
    const oid = oidOf(type.content);
    const text = value.content.toString('utf8');
    if (oid === COMMON_NAME) commonName = text;
    else if (oid === ORGANIZATION) organizations.push(text);
  }
  return { commonName, organizations };
}

type AltNames = Pick<CertificateRequest, 'dnsNames' | 'emailAddresses' | 'uris' | 'ipAddresses'>;

/** The alternative names among the extensions that a request's attributes ask for. */
function readAltNames(attributes: DerElement): AltNames {
  const names = {
    dnsNames: [] as string[],
    emailAddresses: [] as string[],
    uris: [] as string[],
    ipAddresses: [] as string[],
  };
  for (const { parts } of wantedExtensions(attributes)) {
    const [type = NOTHING, , value = NOTHING] = parts;
    if (oidOf(type.content) !== SUBJECT_ALT_NAME) continue;
    for (const { tag, content } of alternativeNames(value.content)) {
      // Context tags of GeneralName (RFC 5280 section 4.2.1.6); other kinds of names are let pass.
      if (tag === 0x81) names.emailAddresses.push(plain(content, 'rfc822Name'));
      else if (tag === 0x82) names.dnsNames.push(plain(content, 'dNSName'));
      else if (tag === 0x86) names.uris.push(plain(content, 'uniformResourceIdentifier'));
      else if (tag === 0x87) names.ipAddresses.push(addressOf(content));
    }
  }
  return names;
}

/** What a request's attributes ask for; one that cannot be read, or asks for something else, is let pass. */
function wantedExtensions(attributes: DerElement): readonly DerElement[] {
  const found: DerElement[] = [];
  for (const attribute of attributes.parts) {
    const [type, values] = attributeParts(attribute);
    const [first] = values?.parts ?? [];
    if (type === undefined || first === undefined || oidOf(type.content) !== EXTENSION_REQUEST) continue;
    const extensions = readDer(first.whole, EXTENSIONS).element.parts;
    const kinds = extensions.map(({ parts: [kind = NOTHING] }) => oidOf(kind.content));
    if (new Set(kinds).size < kinds.length) {
      throw new DerError('x509: certificate request contains duplicate requested extensions');
    }
    found.push(...extensions);
  }
  return found;
}

function attributeParts({ whole }: DerElement): readonly DerElement[] {
  try {
    const { element, end } = readDer(whole, ATTRIBUTE);
    return end < whole.length ? [] : element.parts;
  } catch {
    return [];
  }
}

function* alternativeNames(bytes: Buffer): Generator<DerElement> {
  const names = rawOf(bytes, 'x509: invalid subject alternative names');
  if (names.tag !== 0x30) throw new DerError('x509: invalid subject alternative names');
  for (let rest = names.content; rest.length > 0; ) {
    const name = rawOf(rest, 'x509: invalid subject alternative name');
    yield name;
    rest = rest.subarray(name.whole.length);
  }
}

function rawOf(bytes: Buffer, complaint: string): DerElement {
  try {
    return readDer(bytes, RAW).element;
  } catch {
    throw new DerError(complaint);
  }
}

function plain(content: Buffer, kind: string): string {
  if (content.some((byte) => byte > 0x7f)) throw new DerError(`x509: SAN ${kind} is malformed`);
  return content.toString('latin1');
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) throw new DerError(`x509: cannot parse IP address of length ${bytes.length}`);
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
