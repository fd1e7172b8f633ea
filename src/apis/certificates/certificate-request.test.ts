import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateRequest } from '../../../test/harness/certificate-request.ts';
import { parseCertificateRequest } from './certificate-request.ts';
import { wrongKubeletClient, wrongKubeletServing } from './node-certificates.ts';
import type { CertificateSigningRequest } from './types.ts';
import { validateSigningRequest } from './validation.ts';

const node = ['system:nodes'];

test('a request is read with its subject, its names and its key', async () => {
  const names = ['n1.example', '10.0.0.7', 'fd00::1'];
  const asked = parseCertificateRequest(await certificateRequest('system:node:n1', node, names));
  assert.equal(asked.commonName, 'system:node:n1');
  assert.deepEqual(asked.organizations, node);
  assert.deepEqual(asked.dnsNames, ['n1.example']);
  assert.deepEqual(asked.ipAddresses, ['10.0.0.7', 'fd00::1']);
  assert.equal(wrongKubeletServing(asked, ['digital signature', 'server auth']), undefined);
  const usages = ['digital signature', 'client auth', 'key encipherment'];
  assert.equal(wrongKubeletClient(asked, usages), 'DNS subjectAltNames are not allowed');
});

test('a request whose signature was made with another key is refused, and so is whatever is no request', async () => {
  const pem = Buffer.from(await certificateRequest('a', []), 'base64').toString();
  const body = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  body[body.length - 5] = (body[body.length - 5] ?? 0) ^ 1;
  const wrap = (bytes: Buffer, type = 'CERTIFICATE REQUEST'): string =>
    Buffer.from(`-----BEGIN ${type}-----\n${bytes.toString('base64')}\n-----END ${type}-----\n`).toString(
      'base64',
    );
  assert.throws(() => parseCertificateRequest(wrap(body)), /^Error: x509: ECDSA verification failure$/);
  assert.throws(() => parseCertificateRequest(wrap(body, 'CERTIFICATE')), /must be CERTIFICATE REQUEST/);
  assert.throws(() => parseCertificateRequest(''), /must be CERTIFICATE REQUEST/);
  // Every prefix of a request ends in an error that says so, not in a crash.
  for (let length = 1; length < body.length; length += 7) {
    assert.throws(() => parseCertificateRequest(wrap(body.subarray(0, length))), Error);
  }
});

test('what is broken in a request is named as Go names it', async () => {
  const pem = Buffer.from(await certificateRequest('a', ['b'], ['n.example']), 'base64').toString();
  const whole = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const refusal = (bytes: Buffer): string => {
    const text = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    try {
      parseCertificateRequest(Buffer.from(text).toString('base64'));
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
    return '';
  };
  /** The request with other bytes from a place on. */
  const changed = (at: number, ...bytes: readonly number[]): Buffer => {
    const copy = Buffer.from(whole);
    copy.set(bytes, at);
    return copy;
  };
  assert.equal(refusal(whole), '');
  const params =
    '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}';
  const curve = whole.indexOf(Buffer.from('06082a8648ce3d030107', 'hex'));
  const version = whole.indexOf(Buffer.from('020100', 'hex'));
  const name = whole.indexOf('n.example');
  const cases: readonly (readonly [Buffer, string])[] = [
    [whole.subarray(0, 1), 'asn1: syntax error: truncated tag or length'],
    [whole.subarray(0, 20), 'asn1: syntax error: data truncated'],
    [Buffer.concat([whole, Buffer.of(0)]), 'asn1: syntax error: trailing data'],
    [
      Buffer.from('hello'),
      `asn1: structure error: tags don't match (16 vs {class:1 tag:8 length:101 isCompound:true}) ${params} certificateRequest @2`,
    ],
    [Buffer.from('3080', 'hex'), 'asn1: syntax error: indefinite length found (not DER)'],
    [Buffer.from('308100', 'hex'), 'asn1: structure error: superfluous leading zeros in length'],
    [Buffer.from('30810130', 'hex'), 'asn1: structure error: non-minimal length'],
    [Buffer.from('3000', 'hex'), 'asn1: syntax error: sequence truncated'],
    [
      changed(version, 4),
      `asn1: structure error: tags don't match (2 vs {class:0 tag:4 length:1 isCompound:false}) ${params} int @2`,
    ],
    [changed(curve, 5), 'x509: invalid ECDSA parameters'],
    [changed(curve + 9, 8), 'x509: unsupported elliptic curve'],
    [changed(curve + 20, 0, 0, 0), 'P256 point not on curve'],
    [changed(name, 0xff), 'x509: SAN dNSName is malformed'],
    [changed(name - 1, 0x7f), 'x509: invalid subject alternative name'],
    [changed(name - 2, 0x80), 'x509: ECDSA verification failure'],
  ];
  for (const [bytes, message] of cases) assert.equal(refusal(bytes), message);
});

test('the rules of certificate requests answer in Kubernetes’ words', async () => {
  const request = {
    spec: { request: await certificateRequest('x', []), signerName: 'plain', usages: ['walk'] },
  };
  const messages = validateSigningRequest({
    ...(request as unknown as CertificateSigningRequest),
    spec: { ...request.spec, expirationSeconds: 60 },
    status: { conditions: [{ type: 'Approved', status: 'False' }] },
  }).map(String);
  assert.match(messages.join('\n'), /spec.usages\[0\].*Unsupported value: "walk"/);
  assert.match(messages.join('\n'), /must be a fully qualified domain and path of the form/);
  assert.match(messages.join('\n'), /may not specify a duration less than 600 seconds \(10 minutes\)/);
  assert.match(
    messages.join('\n'),
    /status.conditions\[0\].status: Unsupported value: "False": supported values: "True"/,
  );
  const other = { ...request, spec: { ...request.spec, request: 'aGVsbG8K' } };
  assert.match(
    validateSigningRequest(other as unknown as CertificateSigningRequest)
      .map(String)
      .join('\n'),
    /spec.request: Invalid value: "aGVsbG8K": PEM block type must be CERTIFICATE REQUEST/,
  );
});
