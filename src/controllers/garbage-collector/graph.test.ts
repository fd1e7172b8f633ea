import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { AbsentOwners } from './absent-owners.ts';
import { Graph } from './graph.ts';
import type { Identity, Reference } from './identity.ts';

const id = (name: string, namespace = 'a', kind = 'ConfigMap'): Identity => ({
  apiVersion: 'v1',
  kind,
  namespace,
  name,
  uid: `uid-${name}`,
});
const ref = (name: string, more: Partial<Reference> = {}): Reference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name,
  uid: `uid-${name}`,
  ...more,
});

function object(ownerReferences: readonly Reference[], more: Partial<ApiObject['metadata']> = {}): ApiObject {
  const metadata = { name: '', uid: '', resourceVersion: '1', creationTimestamp: '', ...more };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, ownerReferences: [...ownerReferences] },
  };
}

function made(): { graph: Graph; absent: AbsentOwners; looks: string[]; reports: string[] } {
  const looks: string[] = [];
  const reports: string[] = [];
  const absent = new AbsentOwners();
  const graph = new Graph(absent, {
    resolve: ({ apiVersion, kind, name, uid }, namespace) => ({
      apiVersion,
      kind,
      name,
      uid,
      namespace: kind === 'Node' ? '' : namespace,
    }),
    look: (uid) => looks.push(uid),
    invalidNamespace: (_dependent, message) => reports.push(message),
  });
  return { graph, absent, looks, reports };
}

test('an owner known from references alone is looked at once, and forgotten with its last dependent', () => {
  const { graph, looks } = made();
  graph.put(id('child'), object([ref('owner')]));
  graph.put(id('other'), object([ref('owner')]));
  assert.deepEqual(looks, ['uid-owner']);
  assert.equal(graph.get('uid-owner')?.observed, false);
  graph.remove(id('child'));
  graph.put(id('other'), object([]));
  assert.equal(graph.get('uid-owner'), undefined);
});

test('the end of an owner makes its dependents, and nobody else, be looked at', () => {
  const { graph, absent, looks } = made();
  graph.put(id('owner'), object([]));
  graph.put(id('child'), object([ref('owner')]));
  graph.put(id('bystander'), object([]));
  graph.remove(id('owner'));
  assert.deepEqual(looks, ['uid-child']);
  assert.equal(absent.has(id('owner')), true);
});

test('an owner that waits is looked at when its last blocker is gone, not before', () => {
  const { graph, looks } = made();
  graph.put(id('owner'), object([]));
  for (const name of ['one', 'two'])
    graph.put(id(name), object([ref('owner', { blockOwnerDeletion: true })]));
  graph.put(id('free'), object([ref('owner')]));
  graph.put(
    id('owner'),
    object([], { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['foregroundDeletion'] }),
  );
  assert.deepEqual(looks.splice(0).sort(), ['uid-free', 'uid-one', 'uid-owner', 'uid-two']);
  graph.remove(id('one'));
  assert.deepEqual(looks, []);
  graph.put(id('two'), object([ref('owner', { blockOwnerDeletion: false })]));
  assert.deepEqual(looks, ['uid-owner']);
});

test('a dependent that comes late to an owner that waits is looked at', () => {
  const { graph, looks } = made();
  graph.put(
    id('owner'),
    object([], { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['foregroundDeletion'] }),
  );
  looks.length = 0;
  graph.put(id('late'), object([ref('owner')]));
  assert.deepEqual(looks, ['uid-late']);
});

test('dependents that disagree on who owns them are told apart when one owner proves absent', () => {
  const { graph, absent, looks } = made();
  graph.put(id('right'), object([ref('owner')]));
  graph.put(id('wrong'), object([ref('owner', { kind: 'Secret' })]));
  looks.length = 0;
  assert.equal(graph.removeAbsent(id('owner')), 1, 'to be looked at again, for the first time');
  assert.equal(absent.has(id('owner')), true);
  assert.deepEqual(looks, ['uid-right']);
  assert.equal(graph.get('uid-owner')?.identity.kind, 'Secret', 'the other meaning is asked for next');
  assert.equal(graph.removeAbsent(id('owner', 'a', 'Secret')), 2, 'and then the first one again, later');
  assert.equal(graph.get('uid-owner')?.identity.kind, 'ConfigMap');
});

test('an owner that an informer has shown is not removed because another meaning of its uid is absent', () => {
  const { graph, looks } = made();
  graph.put(id('owner'), object([]));
  graph.put(id('wrong'), object([ref('owner', { name: 'else' })]));
  looks.length = 0;
  graph.removeAbsent({ ...id('owner'), name: 'else' });
  assert.notEqual(graph.get('uid-owner'), undefined);
  assert.deepEqual(looks, ['uid-wrong']);
});

test('an owner in another namespace is reported, whichever of the two is seen first', () => {
  const first = made();
  first.graph.put(id('owner', 'b'), object([]));
  first.graph.put(id('child'), object([ref('owner')]));
  const second = made();
  second.graph.put(id('child'), object([ref('owner')]));
  second.graph.put(id('owner', 'b'), object([]));
  const message =
    'ownerRef [v1/ConfigMap, namespace: a, name: owner, uid: uid-owner] does not exist in namespace "a"';
  for (const { reports, looks } of [first, second]) {
    assert.deepEqual(reports, [message]);
    assert(looks.includes('uid-child'));
  }
});

test('absent owners are remembered up to a limit, those in use longest', () => {
  const absent = new AbsentOwners();
  absent.add(id('used'));
  for (let at = 0; at < 499; at++) absent.add(id(`x${at}`));
  assert.equal(absent.has(id('used')), true);
  absent.add(id('one-more'));
  assert.equal(absent.has(id('used')), true);
  assert.equal(absent.has(id('x0')), false);
});
