import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerOf, isControlledBy, newControllerRef } from './controller-ref.ts';

const owner = { metadata: { name: 'pi', uid: 'u1' } };
const ref = newControllerRef(owner, { apiVersion: 'batch/v1', kind: 'Job' });

test('controllerOf() passes over owners that do not control', () => {
  const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u2' };
  assert.equal(controllerOf({ metadata: { ownerReferences: [other, ref] } }), ref);
  assert.equal(controllerOf({ metadata: { ownerReferences: [other] } }), undefined);
  assert.equal(controllerOf({ metadata: {} }), undefined);
});

test('isControlledBy() goes by the uid, not by the name', () => {
  const object = { metadata: { ownerReferences: [ref] } };
  assert.equal(isControlledBy(object, owner), true);
  assert.equal(isControlledBy(object, { metadata: { ...owner.metadata, uid: 'u2' } }), false);
  assert.equal(isControlledBy({ metadata: {} }, owner), false);
});

test('newControllerRef() holds its owner back until what it controls is gone', () => {
  assert.deepEqual(ref, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: 'pi',
    uid: 'u1',
    controller: true,
    blockOwnerDeletion: true,
  });
});
