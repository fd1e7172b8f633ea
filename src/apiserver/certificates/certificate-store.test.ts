import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../apimachinery/clock.ts';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { openCertificates } from './certificate-store.ts';

test('a key that is not its certificate’s, as a kill between the two leaves it, is made anew with the certificate', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await openCertificates({ directory, clock: systemClock });
  copyFileSync(join(directory, 'admin.key'), join(directory, 'apiserver.key'));
  const { server, authority, admin } = await openCertificates({ directory, clock: systemClock });
  const certificate = new X509Certificate(server.certificate);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(server.key)));
  assert.ok(certificate.verify(new X509Certificate(authority).publicKey));
  assert.deepEqual([authority, admin], [first.authority, first.admin], 'the others stay as they are');
});
