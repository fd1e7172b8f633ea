import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  validateAnnotations,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateDomainPrefixedPath,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateOwnerReferences,
  validatePortName,
  validateQualifiedName,
  validateRelaxedEnvVarName,
} from './index.ts';

const meta = {
  name: 'a',
  namespace: 'n',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
};

test('validateDns1123Subdomain() words a bad name as Kubernetes does', () => {
  assert.deepEqual(validateDns1123Subdomain('-a'), [
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  assert.deepEqual(validateDns1123Subdomain('x'.repeat(254)), ['must be no more than 253 characters']);
  assert.equal(validateDns1123Subdomain('a\n').length, 1);
});

test('validateDns1123Label() tells a dotted name apart', () => {
  assert.deepEqual(validateDns1123Label('a.b'), ['must not contain dots']);
  assert.deepEqual(validateDns1123Label('a-b'), []);
});

test('validateQualifiedName() names the part that is wrong', () => {
  assert.deepEqual(validateQualifiedName('example.com/Name'), []);
  assert.match(validateQualifiedName('/x')[0] ?? '', /^prefix part must be non-empty$/);
  assert.match(validateQualifiedName('a/b/c')[0] ?? '', /^a valid label key must consist/);
});

test('validateRelaxedEnvVarName() takes printable ASCII but no equals sign', () => {
  assert.deepEqual(validateRelaxedEnvVarName('1 ok!'), []);
  assert.equal(validateRelaxedEnvVarName('a=b').length, 1);
  assert.deepEqual(validateRelaxedEnvVarName(''), ['environment variable name must be non-empty']);
});

test('validatePortName() lists every broken rule', () => {
  assert.equal(validatePortName('-1--').length, 3);
});

test('validateDomainPrefixedPath() asks for both parts', () => {
  assert.equal(
    validateDomainPrefixedPath('x', 'spec.managedBy')[0]?.toString(),
    'spec.managedBy: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")',
  );
});

test('validateAnnotations() bounds the size of all together', () => {
  const [error] = validateAnnotations({ a: 'x'.repeat(256 * 1024) }, 'metadata.annotations');
  assert.equal(error?.toString(), 'metadata.annotations: Too long: may not be more than 262144 bytes');
});

test('validateLabelSelector() checks operators against values', () => {
  const selector = {
    matchExpressions: [
      { key: 'a', operator: 'In' },
      { key: 'a', operator: 'Has' },
    ],
  };
  assert.deepEqual(validateLabelSelector(selector, 's').map(String), [
    "s.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    's.matchExpressions[1].operator: Invalid value: "Has": not a valid selector operator',
  ]);
});

test('validateObjectMeta() asks for a name and forbids a namespace on a cluster-scoped kind', () => {
  assert.deepEqual(validateObjectMeta({ namespace: 'n' }, false).map(String), [
    'metadata.name: Required value: name or generateName is required',
    'metadata.namespace: Forbidden: not allowed on this type',
  ]);
});

test('validateObjectMetaUpdate() keeps identity and forbids new finalizers while an object is being deleted', () => {
  const old = { ...meta, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/b'] };
  const errors = validateObjectMetaUpdate({ ...old, uid: 'v', finalizers: ['a/b', 'c/d'] }, old).map(String);
  assert.deepEqual(errors, [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
    'metadata.uid: Invalid value: "v": field is immutable',
  ]);
});

test('validateOwnerReferences() allows one controller', () => {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'a', uid: 'u', controller: true };
  const errors = validateOwnerReferences([owner, { ...owner, name: 'b' }], 'metadata.ownerReferences');
  assert.match(String(errors[0]), /Found "true" in references for Job\/a and Job\/b$/);
});

test('validateOwnerReferences() shows references as Go writes them', () => {
  const one = { controller: true, uid: 'u', name: 'n', kind: 'K', apiVersion: 'v1' };
  const other = { blockOwnerDeletion: false, controller: true, kind: 'L' } as unknown as typeof one;
  assert.equal(
    validateOwnerReferences([one, other], 'metadata.ownerReferences').at(-1)?.toString(),
    'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"K","name":"n","uid":"u","controller":true},{"apiVersion":"","kind":"L","name":"","uid":"","controller":true,"blockOwnerDeletion":false}]: Only one reference can have Controller set to true. Found "true" in references for K/n and L/',
  );
});
