/** Certificates through the API, with the real kubectl. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateRequest } from '../harness/certificate-request.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer } from '../harness/server.ts';

const manifest = (name: string, signerName: string, request: string, usage: string): string =>
  JSON.stringify({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: { request, signerName, usages: ['digital signature', usage], expirationSeconds: 3600 },
  });

test('kubectl asks for a certificate, approves it, and gets one that the server signed', async (t) => {
  if (!requireKubectl(t)) return;
  await using server = await startServer(['--runtime', 'none']);
  const kubectl: typeof server.kubectl = (args, input) => server.kubectl(args, input);
  const signer = 'kubernetes.io/kube-apiserver-client';
  const request = await certificateRequest('alice', ['team']);
  const made = await kubectl(['create', '-f', '-'], manifest('alice', signer, request, 'client auth'));
  assert.equal(made.code, 0, made.stderr);
  const pending = await kubectl(['get', 'csr', 'alice', '--no-headers']);
  assert.match(
    pending.stdout,
    /^alice +\d+s +kubernetes.io\/kube-apiserver-client +kubernetes-admin +60m +Pending\n$/,
  );
  const approved = await kubectl(['certificate', 'approve', 'alice']);
  assert.match(
    approved.stdout,
    /certificatesigningrequest.certificates.k8s.io\/alice approved/,
    approved.stderr,
  );
  const issued = await kubectl([
    'wait',
    'csr/alice',
    '--for=jsonpath={.status.certificate}',
    '--timeout=20s',
  ]);
  assert.equal(issued.code, 0, issued.stderr);
  const { stdout } = await kubectl(['get', 'csr', 'alice', '-o', 'jsonpath={.status.certificate}']);
  const certificate = new X509Certificate(Buffer.from(stdout, 'base64'));
  assert.equal(certificate.subject, 'O=team\nCN=alice');
  const hours = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 3_600_000;
  assert.ok(hours >= 1 && hours < 1.1, `${hours} hours`);
  assert.match((await kubectl(['get', 'csr', 'alice', '--no-headers'])).stdout, /Approved,Issued/);

  const masters = await certificateRequest('mallory', ['system:masters']);
  const refused = await kubectl(['create', '-f', '-'], manifest('mallory', signer, masters, 'client auth'));
  assert.match(
    refused.stderr,
    /use of kubernetes.io\/kube-apiserver-client signer with system:masters group is not allowed/,
  );
  const denied = await kubectl(['create', '-f', '-'], manifest('no', signer, request, 'client auth'));
  assert.equal(denied.code, 0, denied.stderr);
  assert.equal((await kubectl(['certificate', 'deny', 'no'])).code, 0);
  assert.match((await kubectl(['get', 'csr', 'no', '--no-headers'])).stdout, /Denied\n$/);
});
