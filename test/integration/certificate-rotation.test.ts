/** A node agent's certificate over hours of virtual time, signed by a real authority. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../../src/apimachinery/random.ts';
import { temporaryDirectory } from '../../src/apimachinery/testing/temporary-directory.ts';
import { KUBELET_CLIENT_SIGNER } from '../../src/apis/certificates/index.ts';
import { makeAuthority, sign } from '../../src/apiserver/certificates/certificate-authority.ts';
import { SIGNINGREQUESTS } from '../../src/client/index.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import { newCertificateCleaner, newCertificateSigner } from '../../src/controllers/certificates/index.ts';
import { type KeyPair, NodeCertificate } from '../../src/kubelet/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

const DAY_MS = 86_400_000;

/** Approves what waits, as an administrator would, and lets time pass. */
async function pass(made: WholeWorld, milliseconds: number): Promise<void> {
  const { items } = await made.client.list(SIGNINGREQUESTS);
  for (const { metadata, status } of items) {
    if (status.conditions !== undefined) continue;
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Asked', message: '' }];
    const patch = { status: { conditions } };
    const type = 'application/merge-patch+json';
    await made.client.patch(SIGNINGREQUESTS, '', metadata.name, type, patch, 'approval');
  }
  await made.settle(milliseconds);
  // Keys are made on threads of their own, which no virtual clock moves.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function until(made: WholeWorld, holds: () => boolean): Promise<void> {
  for (let left = 2_000; !holds(); left--) {
    assert.ok(left > 0, 'not in time');
    await pass(made, 1_000);
  }
}

test('a certificate is renewed before it ends, with a key of its own, in a file that only its owner reads', async (t) => {
  const directory = temporaryDirectory(t);
  const made = new WholeWorld();
  t.after(() => made.stop());
  const now = made.clock.now();
  const authority = await makeAuthority('test-ca', now - DAY_MS, now + 30 * DAY_MS);
  await made.start((context) => newCertificateSigner(context, (order) => sign(authority, order)));
  await made.start((context) => newCertificateCleaner(context));
  const options = {
    clock: made.clock,
    random: seededRandom(7),
    log: silent,
    file: join(directory, 'pki', 'client.pem'),
    ca: authority.certificate,
    commonName: 'system:node:n',
    signerName: KUBELET_CLIENT_SIGNER,
    usage: 'client auth',
    lifetimeSeconds: 3600,
  };
  const certificate = new NodeCertificate(options);
  t.after(() => certificate.stop());
  assert.equal(await certificate.stored(), undefined);
  let first: KeyPair | undefined;
  const obtaining = certificate.obtain(made.client).then((pair) => {
    first = pair;
  });
  await until(made, () => first !== undefined);
  await obtaining;
  const pair = first as unknown as KeyPair;
  assert.equal(statSync(options.file).mode & 0o777, 0o600);
  assert.deepEqual(await certificate.stored(), pair);
  const parsed = new X509Certificate(pair.certificate);
  assert.equal(parsed.subject, 'O=system:nodes\nCN=system:node:n');
  assert.deepEqual(parsed.keyUsage, ['1.3.6.1.5.5.7.3.2']);

  const renewed: KeyPair[] = [];
  certificate.keep(pair, made.client, (each) => renewed.push(each));
  for (let minutes = 0; minutes < 35; minutes++) await pass(made, 60_000);
  assert.equal(renewed.length, 0);
  await until(made, () => renewed.length > 0);
  assert.ok(made.clock.now() < Date.parse(parsed.validTo), 'it came after the end of the old one');
  const [second] = renewed;
  assert.notEqual(second?.key, pair.key);
  assert.deepEqual(await certificate.stored(), second);
  const other = new NodeCertificate({ ...options, commonName: 'system:node:m' });
  assert.equal(await other.stored(), undefined, 'the certificate of another node is none of ours');

  for (let hours = 0; hours < 3; hours++) await made.settle(3_600_000);
  const { items } = await made.client.list(SIGNINGREQUESTS);
  assert.ok(
    items.every(({ status }) => status.certificate === undefined),
    'requests that were signed are gone',
  );
});
