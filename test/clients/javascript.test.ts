/** The JavaScript client against the real server: what its own integration tests do with the kinds that are served, and more. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import {
  ApiException,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Job,
  Watch,
} from '@kubernetes/client-node';
import { startServer, type TestServer } from '../harness/server.ts';

const namespace = 'default';
let server: TestServer;
const config = new KubeConfig();
let core: CoreV1Api;
let batch: BatchV1Api;

before(async () => {
  server = await startServer(['--runtime', 'process']);
  config.loadFromFile(server.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
  batch = config.makeApiClient(BatchV1Api);
});

after(async () => {
  await server[Symbol.asyncDispose]();
});

function job(name: string, script: string): V1Job {
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', script] };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
  };
}

function configMap(
  name: string,
  data: Record<string, string>,
  labels: Record<string, string> = {},
): V1ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data };
}

/** Follows a Job by watching it until it has succeeded, and answers the types of the events. */
async function followed(name: string): Promise<readonly string[]> {
  const types: string[] = [];
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  await new Promise<void>((resolve, reject) => {
    const watching = new Watch(config).watch(
      path,
      { fieldSelector: `metadata.name=${name}` },
      (type, seen: V1Job) => {
        types.push(type);
        if (seen.status?.succeeded === 1) watching.then((controller) => controller.abort(), reject);
      },
      (error: unknown) => {
        const ours = error === null || (error instanceof Error && error.name === 'AbortError');
        if (ours) resolve();
        else reject(error);
      },
    );
    watching
      .then(() => batch.createNamespacedJob({ namespace, body: job(name, 'echo from a job') }))
      .catch(reject);
  });
  return types;
}

test('a Job is created, watched to its end, its log read and followed, and it is deleted with its pod', async () => {
  const types = await followed('watched');
  assert.equal(types[0], 'ADDED');
  const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'job-name=watched' });
  const pod = items[0]?.metadata?.name ?? '';
  assert.equal(items[0]?.status?.phase, 'Succeeded');
  assert.equal(await core.readNamespacedPodLog({ namespace, name: pod }), 'from a job\n');
  const stream = new PassThrough();
  await new Log(config).log(namespace, pod, 'main', stream, { follow: true });
  assert.equal(await text(stream), 'from a job\n');
  await batch.deleteNamespacedJob({ namespace, name: 'watched', propagationPolicy: 'Foreground' });
  await batch.listNamespacedJob({ namespace });
});

test('labels of a namespace are replaced by a JSON patch', async () => {
  await core.createNamespace({ body: { metadata: { name: 'labelled', labels: { first: 'yes' } } } });
  await core.patchNamespace(
    { name: 'labelled', body: [{ op: 'replace', path: '/metadata/labels', value: { second: 'yes' } }] },
    setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
  );
  const labels = (await core.readNamespace({ name: 'labelled' })).metadata?.labels;
  assert.deepEqual([labels?.['first'], labels?.['second']], [undefined, 'yes']);
});

test('patches of all four types go through the typed client, and a conflict comes with its causes', async () => {
  const name = 'patched';
  await core.createNamespacedConfigMap({ namespace, body: configMap(name, { a: '1' }) });
  const patch = (strategy: PatchStrategy, body: object, more: object = {}) =>
    core.patchNamespacedConfigMap(
      { namespace, name, body, ...more },
      setHeaderOptions('Content-Type', strategy),
    );
  await patch(PatchStrategy.MergePatch, { data: { a: null, b: '2' } });
  await patch(PatchStrategy.StrategicMergePatch, { data: { c: '3' } });
  await patch(PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/d', value: '4' }]);
  const apply = configMap(name, { e: '5' });
  const applied = await patch(PatchStrategy.ServerSideApply, apply, { fieldManager: 'script' });
  assert.deepEqual(applied.data, { b: '2', c: '3', d: '4', e: '5' });
  const taken = configMap(name, { e: '6' });
  await assert.rejects(
    patch(PatchStrategy.ServerSideApply, taken, { fieldManager: 'other' }),
    (error) =>
      error instanceof ApiException &&
      error.code === 409 &&
      /"reason":"FieldManagerConflict"/.test(String(error.body)),
  );
  const forced = await patch(PatchStrategy.ServerSideApply, taken, { fieldManager: 'other', force: true });
  assert.equal(forced.data?.['e'], '6');
});

test('lists come in pages, and an unknown object is an ApiException with a Status', async () => {
  for (const name of ['page-a', 'page-b', 'page-c']) {
    await core.createNamespacedConfigMap({ namespace, body: configMap(name, {}, { paged: 'yes' }) });
  }
  const names: string[] = [];
  let next: string | undefined;
  do {
    const page = await core.listNamespacedConfigMap({
      namespace,
      labelSelector: 'paged=yes',
      limit: 2,
      ...(next === undefined ? {} : { _continue: next }),
    });
    names.push(...page.items.map(({ metadata }) => metadata?.name ?? ''));
    next = page.metadata?._continue;
  } while (next !== undefined && next !== '');
  assert.deepEqual(names, ['page-a', 'page-b', 'page-c']);
  await assert.rejects(
    core.readNamespacedConfigMap({ namespace, name: 'none' }),
    (error) =>
      error instanceof ApiException && error.code === 404 && /"reason":"NotFound"/.test(String(error.body)),
  );
});

test('an informer lists, and then tells of every change once', async () => {
  const labelSelector = 'informed=yes';
  const list = () => core.listNamespacedConfigMap({ namespace, labelSelector });
  await core.createNamespacedConfigMap({
    namespace,
    body: configMap('informed-a', { n: '1' }, { informed: 'yes' }),
  });
  const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, labelSelector);
  const seen: string[] = [];
  let check = (): void => {};
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, (object: V1ConfigMap) => {
      seen.push(`${verb} ${object.metadata?.name} ${object.data?.['n']}`);
      check();
    });
  }
  informer.on('error', (error) => seen.push(`error ${error}`));
  const sees = (event: string): Promise<void> =>
    new Promise((resolve) => {
      check = () => (seen.includes(event) ? resolve() : undefined);
      check();
    });
  try {
    await informer.start();
    await sees('add informed-a 1');
    await core.createNamespacedConfigMap({
      namespace,
      body: configMap('informed-b', { n: '1' }, { informed: 'yes' }),
    });
    await sees('add informed-b 1');
    await core.patchNamespacedConfigMap(
      { namespace, name: 'informed-a', body: { data: { n: '2' } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    await sees('update informed-a 2');
    await core.deleteNamespacedConfigMap({ namespace, name: 'informed-b' });
    await sees('delete informed-b 1');
    assert.equal(informer.get('informed-a', namespace)?.data?.['n'], '2');
    assert.deepEqual(seen, [
      'add informed-a 1',
      'add informed-b 1',
      'update informed-a 2',
      'delete informed-b 1',
    ]);
  } finally {
    await informer.stop();
  }
});

test('KubernetesObjectApi finds each kind by discovery and creates, reads, patches, applies, lists and deletes it', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const metadata = { name: 'any-kind', namespace };
  const cron = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata,
    spec: { schedule: '@daily', suspend: true, jobTemplate: { spec: job('any-kind', 'true').spec } },
  };
  const kind = { apiVersion: cron.apiVersion, kind: cron.kind, metadata };
  await objects.create(cron);
  const patched = await objects.patch({ ...kind, spec: { schedule: '@weekly' } } as typeof cron);
  assert.equal(patched.spec.schedule, '@weekly');
  const applied = await objects.patch(
    { ...kind, spec: { successfulJobsHistoryLimit: 7 } } as object as typeof cron,
    undefined,
    undefined,
    'script',
    true,
    PatchStrategy.ServerSideApply,
  );
  assert.equal(applied.metadata.name, 'any-kind');
  const read = await objects.read<typeof cron & { spec: { successfulJobsHistoryLimit: number } }>(kind);
  assert.equal(read.spec.successfulJobsHistoryLimit, 7);
  const { items } = await objects.list('batch/v1', 'CronJob', namespace);
  assert.deepEqual(
    items.map((item) => item.metadata?.name),
    ['any-kind'],
  );
  const replaced = await objects.replace({ ...read, spec: { ...read.spec, schedule: '@monthly' } });
  assert.equal(replaced.spec.schedule, '@monthly');
  const merge = { ...kind, spec: { successfulJobsHistoryLimit: null } } as object as typeof cron;
  const more = [undefined, undefined, undefined, undefined] as const;
  const merged = await objects.patch(merge, ...more, PatchStrategy.MergePatch);
  assert.equal((merged as typeof read).spec.successfulJobsHistoryLimit, 3, 'it has its default again');
  const selectors = ['metadata.name=any-kind', '!nothing', 1] as const;
  const chosen = await objects.list(
    'batch/v1',
    'CronJob',
    namespace,
    undefined,
    undefined,
    undefined,
    ...selectors,
  );
  assert.equal(chosen.items.length, 1);
  await objects.delete(kind, undefined, 'All');
  await assert.rejects(
    objects.create({ ...cron, spec: { ...cron.spec, schedule: 'never' } }, undefined, 'All'),
    (error) => error instanceof ApiException && error.code === 422,
  );
  await assert.rejects(objects.create(cron), (error) => error instanceof ApiException && error.code === 409);
  await objects.delete(kind);
  await assert.rejects(objects.read(kind), (error) => error instanceof ApiException && error.code === 404);
});
