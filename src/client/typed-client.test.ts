import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest, Transport } from '../apimachinery/api-request.ts';
import { CONFIGMAPS, JOBS, NODES, resourceForKind } from './resources.ts';
import { newClient } from './typed-client.ts';

function recording(): { readonly transport: Transport; readonly requests: ApiRequest[] } {
  const requests: ApiRequest[] = [];
  const transport: Transport = {
    send(request) {
      requests.push(request);
      return Promise.resolve({ kind: 'object', code: 200, object: { ok: true } });
    },
    watch(request) {
      requests.push(request);
      return Promise.resolve({ stop: () => {} });
    },
  };
  return { transport, requests };
}

test('create fills in what a draft may leave out and leaves the draft as it was', async () => {
  const { transport, requests } = recording();
  const draft = { metadata: { name: 'a' }, data: { key: 'value' } };
  await newClient(transport).create(CONFIGMAPS, 'default', draft);
  assert.deepEqual(requests, [
    {
      verb: 'create',
      group: '',
      version: 'v1',
      resource: 'configmaps',
      namespace: 'default',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { key: 'value' } },
    },
  ]);
  assert.deepEqual(draft, { metadata: { name: 'a' }, data: { key: 'value' } });
});

test('a list over all namespaces names none, and selectors keep their wire names', async () => {
  const { transport, requests } = recording();
  const client = newClient(transport);
  await client.list(JOBS, { labelSelector: 'a=b' }, { limit: 5, continue: 'token' });
  await client.watch(NODES, { fieldSelector: 'metadata.name=n' }, '7', { next: () => {}, end: () => {} });
  assert.deepEqual(requests, [
    {
      verb: 'list',
      group: 'batch',
      version: 'v1',
      resource: 'jobs',
      parameters: { labelSelector: 'a=b', limit: '5', continue: 'token' },
    },
    {
      verb: 'watch',
      group: '',
      version: 'v1',
      resource: 'nodes',
      parameters: { fieldSelector: 'metadata.name=n', resourceVersion: '7', allowWatchBookmarks: 'true' },
    },
  ]);
});

test('an object of a namespaced kind cannot be named without its namespace', () => {
  const client = newClient(recording().transport);
  assert.throws(() => client.get(JOBS, '', 'pi'), /get jobs pi needs a namespace/);
});

test('deletion options travel as the body', async () => {
  const { transport, requests } = recording();
  await newClient(transport).delete(JOBS, 'default', 'pi', { propagationPolicy: 'Background' });
  assert.deepEqual(requests[0]?.body, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: 'Background',
  });
});

test('a manifest finds its resource by apiVersion and kind', () => {
  assert.equal(resourceForKind('batch/v1', 'Job')?.resource, 'jobs');
  assert.equal(resourceForKind('v1', 'Node')?.namespaced, false);
  assert.equal(resourceForKind('batch/v1', 'Pod'), undefined);
});
