/** A request for a certificate (PKCS #10, RFC 2986), written here: a library for it would stay in an agent's memory for good. */
import { generateKeyPair, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { objectId, tagged } from './der.ts';

const IDS = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectAltName: '2.5.29.17',
  extensionRequest: '1.2.840.113549.1.9.14',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;
/** Tags of the choices that RFC 5280 numbers in a GeneralName, and of the request's attributes. */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const ATTRIBUTES = 0xa0;

/** Makes an EC P-256 key and a request for it, both PEM. */
export async function makeRequest(
  commonName: string,
  organizations: readonly string[],
  names: readonly string[],
): Promise<{ readonly request: string; readonly key: string }> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const subject = [
    ...organizations.map((name) => attribute(IDS.organization, name)),
    attribute(IDS.commonName, commonName),
  ];
  const body = tagged(
    'sequence',
    tagged('integer', Buffer.from([0])),
    tagged('sequence', ...subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(ATTRIBUTES, ...(names.length === 0 ? [] : [alternativeNames(names)])),
  );
  const request = tagged(
    'sequence',
    body,
    tagged('sequence', objectId(IDS.ecdsaWithSha256)),
    // The first byte of a string of bits says how many bits of its last byte are none of it.
    tagged('bitString', Buffer.from([0]), sign('sha256', body, privateKey)),
  );
  return {
    request: pem('CERTIFICATE REQUEST', request),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** One part of a name. */
function attribute(id: string, value: string): Buffer {
  return tagged('set', tagged('sequence', objectId(id), tagged('utf8', Buffer.from(value))));
}

/** The attribute that asks for the extension with a server's names. */
function alternativeNames(names: readonly string[]): Buffer {
  const list = names.map((name) =>
    isIP(name) === 0 ? tagged(DNS_NAME, Buffer.from(name)) : tagged(IP_ADDRESS, addressBytes(name)),
  );
  const extension = tagged(
    'sequence',
    objectId(IDS.subjectAltName),
    tagged('octetString', tagged('sequence', ...list)),
  );
  return tagged('sequence', objectId(IDS.extensionRequest), tagged('set', tagged('sequence', extension)));
}

/** The four or sixteen bytes of an address. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): number[] =>
    (text ?? '')
      .split(':')
      .filter((group) => group !== '')
      .flatMap(groupNumbers);
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Buffer.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

/** A group of an IPv6 address; its end may be written as IPv4 is. */
function groupNumbers(group: string): number[] {
  if (!group.includes('.')) return [Number.parseInt(group, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
