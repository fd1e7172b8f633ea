/** How the JavaScript client's watches and informers get on: bookmarks, first states, selectors, and what they do once history is gone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  ListWatch,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node';
import { poll } from '../harness/poll.ts';
import { startServer, type TestServer } from '../harness/server.ts';

const namespace = 'default';
const PATH = `/api/v1/namespaces/${namespace}/configmaps`;
let server: TestServer;
const config = new KubeConfig();
let core: CoreV1Api;

before(async () => {
  server = await startServer(['--runtime', 'none']);
  config.loadFromFile(server.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
});

after(async () => {
  await server[Symbol.asyncDispose]();
});

async function make(name: string, labels: Record<string, string>, data: Record<string, string> = {}) {
  return core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels }, data } });
}

async function patch(name: string, body: object): Promise<V1ConfigMap> {
  return core.patchNamespacedConfigMap(
    { namespace, name, body },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  );
}

/** Has the server forget its past, of which it keeps 32 million characters. */
async function forget(): Promise<void> {
  const { metadata } = await core.createNamespacedConfigMap({
    namespace,
    body: { metadata: { generateName: 'bulk-' } },
  });
  for (let round = 0; round < 40; round++) {
    const blob = String.fromCharCode(97 + (round % 26)).repeat(1_000_000);
    await patch(metadata?.name ?? '', { data: { blob } });
  }
}

/** Watches that end after that many seconds, as behind a proxy, and begin only while the gate is open. */
class BrokenWatch extends Watch {
  readonly begun: string[] = [];
  readonly errors: number[] = [];
  gate: Promise<void> = Promise.resolve();
  /** Whether one waits at the gate. */
  waiting = false;
  readonly #more: object;

  constructor(of: KubeConfig, more: object) {
    super(of);
    this.#more = more;
  }

  override async watch(...[path, parameters, callback, done]: Parameters<Watch['watch']>) {
    this.waiting = true;
    await this.gate;
    this.waiting = false;
    this.begun.push(String(parameters['resourceVersion']));
    const seen: typeof callback = (phase, object: KubernetesObject & { code?: number }, event) => {
      if (phase === 'ERROR') this.errors.push(object.code ?? 0);
      callback(phase, object, event);
    };
    return super.watch(path, { ...parameters, ...this.#more }, seen, done);
  }
}

/** An informer that notes what it tells, and waits for nothing between two watches. */
function informer(watch: Watch, labelSelector: string, fieldSelector?: string) {
  const selectors = { labelSelector, ...(fieldSelector === undefined ? {} : { fieldSelector }) };
  const list = () => core.listNamespacedConfigMap({ namespace, ...selectors });
  const none = { delayFn: () => Promise.resolve() };
  const made = new ListWatch<V1ConfigMap>(PATH, watch, list, false, labelSelector, fieldSelector, none);
  const told: string[] = [];
  for (const verb of ['add', 'update', 'delete'] as const) {
    made.on(verb, ({ metadata }) => void told.push(`${verb} ${metadata?.name}`));
  }
  made.on('error', (error) => void told.push(`error ${error}`));
  return { made, told };
}

test('an informer whose place in history is forgotten lists anew, and tells what changed meanwhile once', async () => {
  for (const name of ['stays', 'changes', 'goes']) await make(name, { kept: 'yes' });
  const watch = new BrokenWatch(config, { timeoutSeconds: 1 });
  const { made, told } = informer(watch, 'kept=yes');
  const opened = Promise.withResolvers<void>();
  try {
    await made.start();
    assert.deepEqual(told.splice(0).sort(), ['add changes', 'add goes', 'add stays']);
    watch.gate = opened.promise;
    await poll('the watch has ended', () => watch.waiting);
    // Behind the gate it misses more than the server remembers of its past: 32 million characters.
    await patch('changes', { data: { n: '2' } });
    await core.deleteNamespacedConfigMap({ namespace, name: 'goes' });
    await make('comes', { kept: 'yes' });
    await forget();
    opened.resolve();
    await poll('it has caught up', () => told.includes('add comes'));
    assert.deepEqual(told.sort(), ['add comes', 'delete goes', 'update changes']);
    assert.deepEqual(watch.errors, [410]);
    const names = made.list().map(({ metadata }) => metadata?.name ?? '');
    assert.deepEqual(names.sort(), ['changes', 'comes', 'stays']);
    await patch('stays', { data: { n: '2' } });
    await poll('it goes on', () => told.includes('update stays'));
  } finally {
    opened.resolve();
    await made.stop();
  }
});

test('what no longer fits the selector is told as deleted, and what fits at last as added', async () => {
  await make('inside', { picked: 'yes' });
  await make('outside', { picked: 'no' });
  await make('other', { picked: 'yes' });
  const { made, told } = informer(new Watch(config), 'picked=yes', 'metadata.name!=other');
  try {
    await made.start();
    assert.deepEqual(told.splice(0), ['add inside']);
    await patch('other', { data: { n: '1' } });
    await patch('inside', { metadata: { labels: { picked: 'no' } } });
    await patch('outside', { metadata: { labels: { picked: 'yes' } } });
    await poll('both are told', () => told.length >= 2);
    assert.deepEqual(told, ['delete inside', 'add outside']);
  } finally {
    await made.stop();
  }
});

test('a bookmark before its end takes an informer on, though nothing of its own happened', async () => {
  await make('quiet', { quiet: 'yes' });
  const watch = new BrokenWatch(config, { timeoutSeconds: 4, allowWatchBookmarks: true });
  const { made, told } = informer(watch, 'quiet=yes');
  try {
    await made.start();
    await poll('it listed', () => made.latestResourceVersion() !== '');
    const first = made.latestResourceVersion();
    const { metadata } = await make('somebody-else', {});
    const later = Number(metadata?.resourceVersion);
    await poll('a bookmark came', () => Number(made.latestResourceVersion()) >= later);
    assert.deepEqual(told, ['add quiet']);
    await poll('it watches again', () => watch.begun.length > 1);
    assert.equal(watch.begun[0], first);
    assert.ok(Number(watch.begun[1]) >= later, 'from where the bookmark was');
  } finally {
    await made.stop();
  }
});

test('a watch gives the first state, tells by a bookmark that it was all, and goes on', async () => {
  await make('first-a', { streamed: 'yes' });
  await make('first-b', { streamed: 'yes' });
  const seen: string[] = [];
  const ended = Promise.withResolvers<void>();
  const parameters = {
    labelSelector: 'streamed=yes',
    sendInitialEvents: true,
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: true,
  };
  const controller = await new Watch(config).watch(
    PATH,
    parameters,
    (type, { metadata }: V1ConfigMap) => {
      const end = metadata?.annotations?.['k8s.io/initial-events-end'];
      seen.push(type === 'BOOKMARK' ? `BOOKMARK ${end}` : `${type} ${metadata?.name}`);
    },
    () => ended.resolve(),
  );
  await poll('the first state is whole', () => seen.includes('BOOKMARK true'));
  await make('next', { streamed: 'yes' });
  await poll('it goes on', () => seen.includes('ADDED next'));
  controller.abort();
  await ended.promise;
  assert.deepEqual(seen, ['ADDED first-a', 'ADDED first-b', 'BOOKMARK true', 'ADDED next']);
});

test('a watch from a forgotten revision opens, says 410 and ends', async () => {
  const seen: { type: string; code?: number; reason?: string }[] = [];
  await forget();
  await new Promise<void>((resolve, reject) => {
    new Watch(config)
      .watch(
        PATH,
        { resourceVersion: '1' },
        (type, { code, reason }: { code: number; reason: string }) => void seen.push({ type, code, reason }),
        () => resolve(),
      )
      .catch(reject);
  });
  assert.deepEqual(seen, [{ type: 'ERROR', code: 410, reason: 'Expired' }]);
});
