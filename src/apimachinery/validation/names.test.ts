import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newInvalid } from '../status-error.ts';
import {
  label1035Name,
  subdomainName,
  validateConfigMapKey,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateFieldManager,
  validateFinalizers,
  validateFullyQualifiedDomainName,
  validateLabels,
  validateLabelValue,
  validateManagedFields,
  validatePathSegmentName,
  validateQualifiedName,
} from './index.ts';

test('a label key too long says bytes, a name too long says characters, as Kubernetes has it', () => {
  assert.deepEqual(validateQualifiedName('x'.repeat(64)), ['name part must be no more than 63 bytes']);
  assert.deepEqual(validateQualifiedName(`${'x'.repeat(254)}/a`), [
    'prefix part must be no more than 253 bytes',
  ]);
  assert.deepEqual(validateLabelValue('x'.repeat(64)), ['must be no more than 63 bytes']);
  assert.deepEqual(validateDns1123Label('x'.repeat(64)), ['must be no more than 63 characters']);
});

test('every valid DNS label is a subdomain, a label value and a qualified name', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/), (label) => {
      assert.deepEqual(validateDns1123Label(label), []);
      assert.deepEqual(validateDns1123Subdomain(`${label}.${label}`), []);
      assert.deepEqual(validateLabelValue(label), []);
      assert.deepEqual(validateQualifiedName(`${label}.com/${label}`), []);
    }),
  );
});

test('a hostile name is judged at once', () => {
  assert.equal(validateDns1123Subdomain(`${'a-'.repeat(50_000)}!`).length, 2);
  assert.equal(validateQualifiedName(`${'a.'.repeat(50_000)}!`).length, 2);
});

test('a generateName may end with a dash', () => {
  assert.deepEqual(subdomainName('job-', true), []);
  assert.equal(subdomainName('job-', false).length, 1);
  assert.deepEqual(label1035Name('svc-', true), []);
});

test('validateConfigMapKey() refuses ways out of a directory', () => {
  assert.deepEqual(validateConfigMapKey('..'), ["must not be '..'"]);
  assert.deepEqual(validateConfigMapKey('..a'), ["must not start with '..'"]);
  assert.deepEqual(validateConfigMapKey('__proto__'), []);
});

test('validatePathSegmentName() refuses what a URL path cannot hold', () => {
  assert.deepEqual(validatePathSegmentName('.'), ["may not be '.'"]);
  assert.deepEqual(validatePathSegmentName('.', true), []);
  assert.deepEqual(validatePathSegmentName('a/b%'), ["may not contain '/'", "may not contain '%'"]);
});

test('validateFullyQualifiedDomainName() asks for two labels', () => {
  assert.deepEqual(validateFullyQualifiedDomainName('a.b.', 'f'), []);
  assert.equal(validateFullyQualifiedDomainName('a', 'f').length, 1);
});

test('validateFinalizers() lets only one propagation policy stand', () => {
  assert.equal(
    String(validateFinalizers(['orphan', 'foregroundDeletion'], 'metadata.finalizers')[0]),
    'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
  );
});

test('validateManagedFields() checks operation, type and manager', () => {
  const entries = [{ operation: 'Merge', fieldsType: 'V2', manager: 'a\u0007' }];
  assert.deepEqual(validateManagedFields(entries, 'm').map(String), [
    'm[0].operation: Invalid value: "Merge": must be `Apply` or `Update`',
    'm[0].fieldsType: Invalid value: "V2": must be `FieldsV1`',
    'm[0].manager: Invalid value: "a\\a": invalid character U+0007 (at position 1)',
  ]);
  assert.equal(validateFieldManager('x'.repeat(129), 'm').length, 1);
});

test('an invalid label becomes a cause of the answer', () => {
  const status = newInvalid('batch', 'Job', 'j', validateLabels({ 'a b': 'c' }, 'metadata.labels')).status;
  assert.equal(status.code, 422);
  assert.deepEqual(
    status.details?.causes?.map(({ field, reason }) => [field, reason]),
    [['metadata.labels', 'FieldValueInvalid']],
  );
});
