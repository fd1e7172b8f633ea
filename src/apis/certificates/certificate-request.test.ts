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
  assert.throws(() => parseCertificateRequest(wrap(body)), /signature/);
  assert.throws(() => parseCertificateRequest(wrap(body, 'CERTIFICATE')), /must be CERTIFICATE REQUEST/);
  assert.throws(() => parseCertificateRequest(''), /must be CERTIFICATE REQUEST/);
  // Every prefix of a request ends in an error that says so, not in a crash.
  for (let length = 1; length < body.length; length += 7) {
    assert.throws(() => parseCertificateRequest(wrap(body.subarray(0, length))), Error);
  }
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
