import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import 'reflect-metadata';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { makeRequest } from './request.ts';

test('a request is read by a library as it was meant, and holds the proof of its key', async () => {
  const names = [
    '10.1.2.3',
    'fd00::1:2',
    '2001:db8:1:2:3:4:5:6',
    '::ffff:192.0.2.1',
    `${'long.'.repeat(30)}name`,
  ];
  const { request, key } = await makeRequest('system:node:Ünode', ['system:nodes', 'second'], names);
  const read = new Pkcs10CertificateRequest(request);
  assert.equal(read.subject, 'O=system:nodes, O=second, CN=system:node:Ünode');
  assert.equal(await read.verify(), true);
  const found = read.extensions.find((each) => each instanceof SubjectAlternativeNameExtension);
  assert.deepEqual(
    found?.names.items.map(({ type, value }) => `${type} ${value}`),
    [
      'ip 10.1.2.3',
      'ip fd00::1:2',
      'ip 2001:db8:1:2:3:4:5:6',
      'ip ::ffff:c000:201',
      `dns ${'long.'.repeat(30)}name`,
    ],
  );
  const own = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
  assert.deepEqual(Buffer.from(read.publicKey.rawData), own);
});

test('a request without names asks for none', async () => {
  const { request } = await makeRequest('n', [], []);
  const read = new Pkcs10CertificateRequest(request);
  assert.equal(await read.verify(), true);
  assert.deepEqual(read.extensions, []);
});
