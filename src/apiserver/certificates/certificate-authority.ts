import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  PublicKey,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate is for, and until when. */
export interface Order {
  readonly commonName: string;
  /** Groups of a client. */
  readonly organizations?: readonly string[];
  readonly use: 'server' | 'client';
  /** DNS names and addresses of a server. */
  readonly names?: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

cryptoProvider.set(webcrypto as Crypto);

/** What a request for a certificate asks for, after somebody has looked at it. */
export interface SigningOrder {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Buffer;
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** DNS names and addresses. */
  readonly names: readonly string[];
  /** `client auth`, `server auth`, as a CertificateSigningRequest names them; others are left out. */
  readonly usages: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Makes a self-signed authority with an EC P-256 key. */
export async function makeAuthority(
  commonName: string,
  notBefore: number,
  notAfter: number,
): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await privatePem(keys.privateKey) };
}

/** Makes a key and a certificate for it, signed by `authority`. */
export async function issue(authority: KeyPair, order: Order): Promise<KeyPair> {
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await signingKeyOf(authority);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const use = order.use === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [...(order.organizations ?? []).map((name) => ({ O: [name] })), { CN: [order.commonName] }],
    issuer: issuer.subjectName,
    notBefore: new Date(order.notBefore),
    notAfter: new Date(order.notAfter),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([use]),
      ...(order.names === undefined
        ? []
        : [new SubjectAlternativeNameExtension(order.names.map(generalName))]),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await privatePem(keys.privateKey) };
}

/** Signs a certificate for a key that somebody else has; answers PEM. */
export async function sign(authority: KeyPair, order: SigningOrder): Promise<string> {
  const issuer = new X509Certificate(authority.certificate);
  const { usages } = order;
  const extended = [
    ...(usages.includes('client auth') ? [ExtendedKeyUsage.clientAuth] : []),
    ...(usages.includes('server auth') ? [ExtendedKeyUsage.serverAuth] : []),
  ];
  const encipherment = usages.includes('key encipherment') ? KeyUsageFlags.keyEncipherment : 0;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [...order.organizations.map((name) => ({ O: [name] })), { CN: [order.commonName] }],
    issuer: issuer.subjectName,
    notBefore: new Date(order.notBefore),
    notAfter: new Date(Math.min(order.notAfter, issuer.notAfter.getTime())),
    publicKey: new PublicKey(order.publicKey),
    signingKey: await signingKeyOf(authority),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | encipherment, true),
      new ExtendedKeyUsageExtension(extended),
      ...(order.names.length === 0
        ? []
        : [new SubjectAlternativeNameExtension(order.names.map(generalName))]),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

function signingKeyOf({ key }: KeyPair): Promise<webcrypto.CryptoKey> {
  const der = PemConverter.decodeFirst(key);
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}

function generalName(value: string): JsonGeneralName {
  return { type: isIP(value) === 0 ? 'dns' : 'ip', value };
}

/** 16 random bytes, the first without its sign bit, as RFC 5280 wants a positive number. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
