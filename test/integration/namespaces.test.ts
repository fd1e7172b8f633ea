import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ApiObject } from '../../src/apimachinery/meta/object.ts';
import { CONFIGMAPS, JOBS, NAMESPACES, PODS, SERVICEACCOUNTS } from '../../src/client/index.ts';
import { newNamespaceController } from '../../src/controllers/namespace/index.ts';
import { newServiceAccountController } from '../../src/controllers/service-account/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

function world(t: TestContext): WholeWorld {
  const made = new WholeWorld();
  t.after(() => made.stop());
  return made;
}

const CA = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';
const template = {
  spec: { restartPolicy: 'Never' as const, containers: [{ name: 'c', image: 'busybox' }] },
};

test('a namespace goes with everything in it, whatever the kind', async (t) => {
  const made = world(t);
  await made.namespaces('doomed', 'safe');
  await made.start((context) => newServiceAccountController(context, CA));
  await made.start((context) => newNamespaceController(context, made.resources));
  await made.configMap('doomed', 'x');
  await made.configMap('safe', 'x');
  await made.client.create(JOBS, 'doomed', { metadata: { name: 'job' }, spec: { template } });
  await made.client.delete(NAMESPACES, '', 'doomed');
  await made.settle();
  assert.equal(await made.find(NAMESPACES, '', 'doomed'), undefined);
  for (const kind of [CONFIGMAPS, JOBS, SERVICEACCOUNTS] as const) {
    assert.deepEqual((await made.client.list<ApiObject>(kind, { namespace: 'doomed' })).items, []);
  }
  assert.notEqual(await made.find(CONFIGMAPS, 'safe', 'x'), undefined);
});

test('what has finalizers holds its namespace, whose conditions say so, and lets it go at once', async (t) => {
  const made = world(t);
  await made.namespaces('held');
  await made.start((context) => newNamespaceController(context, made.resources));
  await made.configMap('held', 'x', { finalizers: ['example.com/b'] });
  await made.configMap('held', 'y', { finalizers: ['example.com/b', 'example.com/a'] });
  await made.client.delete(NAMESPACES, '', 'held');
  await made.settle();
  const { status } = await made.client.get(NAMESPACES, '', 'held');
  assert.equal(status?.phase, 'Terminating');
  assert.deepEqual(
    status.conditions?.map(({ type, status: is, reason, message }) => [type, is, reason, message]),
    [
      [
        'NamespaceDeletionDiscoveryFailure',
        'False',
        'ResourcesDiscovered',
        'All resources successfully discovered',
      ],
      [
        'NamespaceDeletionGroupVersionParsingFailure',
        'False',
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
      ],
      [
        'NamespaceDeletionContentFailure',
        'False',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ],
      [
        'NamespaceContentRemaining',
        'True',
        'SomeResourcesRemain',
        'Some resources are remaining: configmaps. has 2 resource instances',
      ],
      [
        'NamespaceFinalizersRemaining',
        'True',
        'SomeFinalizersRemain',
        'Some content in the namespace has finalizers remaining: example.com/a in 1 resource instances, example.com/b in 2 resource instances',
      ],
    ],
  );
  for (const name of ['x', 'y']) {
    await made.client.patch(CONFIGMAPS, 'held', name, 'application/merge-patch+json', {
      metadata: { finalizers: null },
    });
  }
  await made.settle();
  assert.equal(await made.find(NAMESPACES, '', 'held'), undefined);
});

test('pods go first: while one takes its time, everything else stays', async (t) => {
  const made = world(t);
  await made.namespaces('busy');
  await made.start((context) => newNamespaceController(context, made.resources));
  await made.configMap('busy', 'x');
  const spec = { ...template.spec, nodeName: 'n1', serviceAccountName: 'default' };
  await made.client.create(SERVICEACCOUNTS, 'busy', { metadata: { name: 'default' } });
  await made.client.create(PODS, 'busy', { metadata: { name: 'pod' }, spec });
  await made.client.delete(NAMESPACES, '', 'busy');
  await made.settle();
  assert.notEqual((await made.client.get(PODS, 'busy', 'pod')).metadata.deletionTimestamp, undefined);
  assert.notEqual(await made.find(CONFIGMAPS, 'busy', 'x'), undefined);
  await made.client.delete(PODS, 'busy', 'pod', { gracePeriodSeconds: 0 });
  await made.settle();
  assert.equal(await made.find(NAMESPACES, '', 'busy'), undefined);
});

test('hundreds of namespaces deleted together are gone within a second of virtual time', async (t) => {
  const made = world(t);
  const names = Array.from({ length: 300 }, (_, at) => `ns-${at}`);
  await made.namespaces(...names);
  await made.start((context) => newNamespaceController(context, made.resources));
  await Promise.all(names.map((name) => made.client.delete(NAMESPACES, '', name)));
  await made.settle(1000);
  assert.deepEqual(
    (await made.client.list(NAMESPACES)).items.filter(({ metadata }) => metadata.name.startsWith('ns-')),
    [],
  );
});

test('an active namespace has its default account and the certificate authority, again when they are taken away', async (t) => {
  const made = world(t);
  await made.namespaces('first');
  await made.start((context) => newServiceAccountController(context, CA));
  await made.namespaces('second');
  await made.settle();
  for (const namespace of ['first', 'second']) {
    assert.notEqual(await made.find(SERVICEACCOUNTS, namespace, 'default'), undefined);
    const authority = await made.client.get(CONFIGMAPS, namespace, 'kube-root-ca.crt');
    assert.deepEqual(authority.data, { 'ca.crt': CA });
    assert.match(
      authority.metadata.annotations?.['kubernetes.io/description'] ?? '',
      /^Contains a CA bundle/,
    );
  }
  await made.client.delete(SERVICEACCOUNTS, 'first', 'default');
  await made.client.delete(CONFIGMAPS, 'first', 'kube-root-ca.crt');
  await made.client.patch(CONFIGMAPS, 'second', 'kube-root-ca.crt', 'application/merge-patch+json', {
    data: { 'ca.crt': 'forged', more: 'x' },
  });
  await made.settle();
  assert.notEqual(await made.find(SERVICEACCOUNTS, 'first', 'default'), undefined);
  for (const namespace of ['first', 'second']) {
    assert.deepEqual((await made.client.get(CONFIGMAPS, namespace, 'kube-root-ca.crt')).data, {
      'ca.crt': CA,
    });
  }
});
