import 'reflect-metadata';
import assert from 'node:assert/strict';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { X509CertificateGenerator } from '@peculiar/x509';
import { pairFault } from './tls-pair.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const certificate = await certificateOf();

async function certificateOf(): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = {
    privateKey: await webcrypto.subtle.importKey(
      'pkcs8',
      privateKey.export({ type: 'pkcs8', format: 'der' }),
      algorithm,
      true,
      ['sign'],
    ),
    publicKey: await webcrypto.subtle.importKey(
      'spki',
      publicKey.export({ type: 'spki', format: 'der' }),
      algorithm,
      true,
      ['verify'],
    ),
  };
  const made = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=a',
    keys,
    signingAlgorithm: algorithm,
  });
  return made.toString('pem');
}

test('a certificate and its key are a pair, whatever form the key has', () => {
  assert.equal(pairFault(certificate, key), undefined);
  const old = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  assert.equal(pairFault(`text before\n${certificate}\n`, old), undefined);
});

test('what is no pair is told in the words of Go', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const edwards = generateKeyPairSync('ed25519').privateKey;
  const pem = (each: typeof other): string => each.export({ type: 'pkcs8', format: 'pem' }).toString();
  const nonsense = (label: string): string => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
  const cases: readonly (readonly [string, string, string])[] = [
    ['', '', 'tls: failed to find any PEM data in certificate input'],
    [
      key,
      certificate,
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
    [
      nonsense('A') + nonsense('B'),
      key,
      'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [A B]',
    ],
    [certificate, 'x', 'tls: failed to find any PEM data in key input'],
    [certificate, certificate, 'tls: found a certificate rather than a key in the PEM for the private key'],
    [
      certificate,
      nonsense('A'),
      'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [A]',
    ],
    [nonsense('CERTIFICATE'), key, 'x509: malformed certificate'],
    [certificate, nonsense('EC PRIVATE KEY'), 'tls: failed to parse private key'],
    [certificate, pem(edwards), 'tls: private key type does not match public key type'],
    [certificate, pem(other), 'tls: private key does not match public key'],
  ];
  for (const [left, right, fault] of cases) assert.equal(pairFault(left, right), fault);
});

test('a block may have headers, and each line of a text is looked at once', () => {
  const [first = '', ...rest] = certificate.split('\n');
  assert.equal(pairFault([first, 'Made-By: a', 'At: 12:00', '', ...rest].join('\n'), key), undefined);
  // A search that goes back over these would not end in years.
  const manyWays = `${first}\n${'a:b:c:\n'.repeat(100)}x\n-----END CERTIFICATE-----\n`;
  assert.equal(pairFault(manyWays, key), 'x509: malformed certificate');
});
