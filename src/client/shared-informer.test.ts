import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiAnswer, ApiRequest, Transport } from '../apimachinery/api-request.ts';
import { VirtualClock } from '../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import { seededRandom } from '../apimachinery/random.ts';
import { newExpired, newServiceUnavailable, type StatusError } from '../apimachinery/status-error.ts';
import type { Watch, WatchEvent, WatchObserver } from '../apimachinery/watch-event.ts';
import type { ConfigMap } from '../apis/core/types.ts';
import { componentContext, type OwnedComponentContext } from './component-context.ts';
import type { Informer } from './informer.ts';
import { Reconnection } from './reconnection.ts';
import { CONFIGMAPS } from './resources.ts';
import { silent } from './testing/silent-log.ts';
import { newClient } from './typed-client.ts';

/** A server of ConfigMaps that does what the test says: it loses watches, forgets history, repeats and fails. */
class ScriptedServer implements Transport {
  revision = 0;
  readonly objects = new Map<string, DeepReadonly<ConfigMap>>();
  history: WatchEvent[] = [];
  /** Watches from before this revision are answered with 410. */
  compacted = 0;
  readonly observers = new Set<WatchObserver>();
  readonly requests: ApiRequest[] = [];
  /** Errors for the next requests. */
  readonly failures: StatusError[] = [];
  /** Whether a watch that is taken up again is first told once more what it was told. */
  repeats = false;
  pageLimit = Number.POSITIVE_INFINITY;

  put(name: string, value: string, namespace = 'default'): void {
    const type = this.objects.has(`${namespace}/${name}`) ? 'MODIFIED' : 'ADDED';
    const resourceVersion = String(++this.revision);
    const object: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, uid: name, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' },
      data: { value },
    };
    this.objects.set(`${namespace}/${name}`, object);
    this.#tell({ type, object });
  }

  remove(name: string, namespace = 'default'): void {
    const old = this.objects.get(`${namespace}/${name}`);
    if (old === undefined || !this.objects.delete(`${namespace}/${name}`)) return;
    const metadata = { ...old.metadata, resourceVersion: String(++this.revision) };
    this.#tell({ type: 'DELETED', object: { ...old, metadata } });
  }

  /** Tells a bookmark at the newest revision. */
  bookmark(): void {
    this.#tell({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: String(++this.revision) } } as DeepReadonly<ApiObject>,
    });
  }

  /** Ends every watch; `unseen` changes happen before anybody can watch again. */
  lose(reason?: StatusError): void {
    for (const observer of this.observers) {
      this.observers.delete(observer);
      if (reason === undefined) observer.end();
      else observer.end(reason);
    }
  }

  compact(): void {
    this.compacted = this.revision;
    this.history = [];
  }

  #tell(event: WatchEvent): void {
    if (event.type !== 'BOOKMARK') this.history.push(event);
    for (const observer of this.observers) observer.next([event]);
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    this.requests.push(request);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const all = [...this.objects.values()];
    const from = Number(request.parameters?.['continue'] ?? 0);
    const limit = Math.min(this.pageLimit, Number(request.parameters?.['limit'] ?? Number.POSITIVE_INFINITY));
    const items = all.slice(from, from + limit);
    const more = from + limit < all.length ? { continue: String(from + limit) } : {};
    return {
      kind: 'object',
      code: 200,
      object: { items, metadata: { resourceVersion: String(this.revision), ...more } },
    };
  }

  async watch(request: ApiRequest, observer: WatchObserver): Promise<Watch> {
    this.requests.push(request);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const from = Number(request.parameters?.['resourceVersion']);
    if (from < this.compacted) throw newExpired(`too old resource version: ${from} (${this.compacted})`);
    const missed = this.history.filter(
      ({ object }) => this.repeats || Number(object.metadata.resourceVersion) > from,
    );
    queueMicrotask(() => {
      if (missed.length > 0 && this.observers.has(observer)) observer.next(missed);
    });
    this.observers.add(observer);
    return { stop: () => void this.observers.delete(observer) };
  }
}

interface Rig {
  readonly server: ScriptedServer;
  readonly clock: VirtualClock;
  readonly context: OwnedComponentContext;
  readonly reconnection: Reconnection;
  readonly informer: Informer<ConfigMap>;
  readonly told: string[];
}

async function rig(prepare: (server: ScriptedServer) => void = () => {}): Promise<Rig> {
  const server = new ScriptedServer();
  prepare(server);
  const clock = new VirtualClock();
  const reconnection = new Reconnection(clock);
  const context = componentContext({
    client: newClient(server),
    clock,
    random: seededRandom(1),
    log: silent,
    reconnection,
  });
  const informer = context.informer(CONFIGMAPS);
  const told: string[] = [];
  informer.onChange({
    added: (object) => told.push(`+${object.metadata.name}=${object.data?.['value']}`),
    updated: (object, old) =>
      told.push(`${object.metadata.name}:${old.data?.['value']}→${object.data?.['value']}`),
    deleted: (object) => told.push(`-${object.metadata.name}`),
  });
  const started = informer.start();
  await clock.advance(0);
  await clock.advance(60_000);
  await started;
  return { server, clock, context, reconnection, informer, told };
}

const lists = (server: ScriptedServer): number =>
  server.requests.filter(({ verb, parameters }) => verb === 'list' && parameters?.['continue'] === undefined)
    .length;

test('what was there is told first, then each change as it happens', async () => {
  const { server, context, informer, told } = await rig((server) => server.put('a', '1'));
  server.put('a', '2');
  server.put('b', '1');
  server.remove('a');
  assert.deepEqual(told, ['+a=1', 'a:1→2', '+b=1', '-a']);
  assert.equal(informer.synced, true);
  assert.equal(informer.lister.get('default', 'b'), server.objects.get('default/b'), 'objects are shared');
  await context.stop();
});

test('a lost watch is taken up at its last revision, bookmarks included, without a new list', async () => {
  const { server, clock, context, told } = await rig((server) => server.put('a', '1'));
  server.bookmark();
  const reached = server.revision;
  server.lose();
  server.put('a', '2');
  await clock.advance(1000);
  assert.deepEqual(told, ['+a=1', 'a:1→2']);
  assert.equal(lists(server), 1);
  assert.equal(server.requests.at(-1)?.parameters?.['resourceVersion'], String(reached));
  await context.stop();
});

test('a watch that waits long to be taken up again is, once anybody has reached the server', async () => {
  const { server, clock, context, reconnection, told } = await rig();
  for (let at = 0; at < 20; at++) server.failures.push(newServiceUnavailable('away'));
  server.lose(newServiceUnavailable('away'));
  await clock.advance(60_000);
  server.failures.length = 0;
  server.put('a', '1');
  await clock.advance(0);
  assert.deepEqual(told, []);
  reconnection.reached();
  await clock.advance(0);
  assert.deepEqual(told, ['+a=1']);
  await context.stop();
  assert.equal(clock.pending, 0);
});

test('events repeated after a lost connection are told once', async () => {
  const { server, clock, context, told } = await rig((server) => {
    server.repeats = true;
    server.put('a', '1');
  });
  server.put('a', '2');
  server.remove('a');
  server.lose(newServiceUnavailable('connection lost'));
  await clock.advance(60_000);
  assert.deepEqual(told, ['+a=1', 'a:1→2', '-a']);
  await context.stop();
});

test('history that is gone is made up for by a list whose differences are told', async () => {
  const { server, clock, context, told } = await rig((server) => {
    server.put('kept', '1');
    server.put('changed', '1');
    server.put('removed', '1');
  });
  told.length = 0;
  server.lose(newExpired('too old'));
  server.put('changed', '2');
  server.remove('removed');
  server.put('new', '1');
  server.compact();
  await clock.advance(60_000);
  assert.deepEqual(told.sort(), ['+new=1', '-removed', 'changed:1→2']);
  assert.equal(lists(server), 2);
  await context.stop();
});

test('a server that cannot answer is asked again with growing pauses', async () => {
  const { server, clock, context, informer } = await rig((server) => {
    for (let at = 0; at < 4; at++) server.failures.push(newServiceUnavailable('starting'));
    server.put('a', '1');
  });
  assert.equal(lists(server), 5);
  assert.equal(informer.synced, true);
  const before = server.requests.length;
  for (let at = 0; at < 200; at++) server.failures.push(newServiceUnavailable('down'));
  server.lose();
  await clock.advance(10_000);
  const tries = server.requests.length - before;
  assert.ok(tries >= 4 && tries <= 8, `${tries} tries in ten seconds`);
  await context.stop();
});

test('a long list comes in pages, and falls back to one answer when the pages expire', async () => {
  const { server, context, informer } = await rig((server) => {
    for (let at = 0; at < 1200; at++) server.put(`c${at}`, '1');
  });
  assert.equal(informer.lister.size, 1200);
  assert.equal(server.requests.filter(({ verb }) => verb === 'list').length, 3);
  await context.stop();
});

test('indexes follow every change', async () => {
  const { server, context, informer } = await rig((server) => server.put('a', 'red'));
  const byValue = (object: DeepReadonly<ConfigMap>): readonly string[] => [object.data?.['value'] ?? ''];
  informer.addIndex('value', byValue);
  informer.addIndex('value', byValue);
  server.put('b', 'red', 'other');
  server.put('a', 'blue');
  const names = (value: string): readonly string[] =>
    informer.lister.byIndex('value', value).map(({ metadata }) => metadata.name);
  assert.deepEqual([names('red'), names('blue'), names('green')], [['b'], ['a'], []]);
  assert.deepEqual(
    informer.lister.list('other').map(({ metadata }) => metadata.name),
    ['b'],
  );
  server.remove('b', 'other');
  assert.deepEqual(names('red'), []);
  assert.throws(() => informer.lister.byIndex('colour', 'red'), /no index named colour/);
  assert.throws(() => informer.addIndex('value', () => []), /two different indexes/);
  await context.stop();
});

test('one informer serves all who ask for the same selection, and late handlers are told what is there', async () => {
  const { server, context, informer } = await rig((server) => server.put('a', '1'));
  assert.equal(context.informer(CONFIGMAPS), informer);
  assert.notEqual(context.informer(CONFIGMAPS, { namespace: 'default' }), informer);
  const late: string[] = [];
  informer.onChange({ added: ({ metadata }) => late.push(metadata.name) });
  server.put('b', '1');
  assert.deepEqual(late, ['a', 'b']);
  await context.stop();
});

test('after stop nothing is told and nothing runs', async () => {
  const { server, clock, context, told } = await rig();
  await context.stop();
  server.put('a', '1');
  await clock.advance(60_000);
  assert.deepEqual(told, []);
  assert.equal(server.observers.size, 0);
  assert.equal(clock.pending, 0);
});

test('whatever is lost, repeated or refused, the copy ends as the server is and the handlers agree with it', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const step = fc.oneof(
    fc.record({ do: fc.constant('put' as const), name, value: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ do: fc.constant('remove' as const), name }),
    fc.record({ do: fc.constant('bookmark' as const) }),
    fc.record({ do: fc.constant('lose' as const), compact: fc.boolean(), error: fc.boolean() }),
    fc.record({ do: fc.constant('fail' as const), expired: fc.boolean() }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 500 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, repeats) => {
      const { server, clock, context, informer } = await rig((server) => {
        server.repeats = repeats;
        server.pageLimit = 2;
      });
      const mirror = new Map<string, string>();
      informer.onChange({
        added({ metadata, data }) {
          assert.ok(!mirror.has(metadata.name), `${metadata.name} was added twice`);
          mirror.set(metadata.name, data?.['value'] ?? '');
        },
        updated({ metadata, data }, old) {
          assert.equal(mirror.get(metadata.name), old.data?.['value']);
          mirror.set(metadata.name, data?.['value'] ?? '');
        },
        deleted({ metadata }) {
          assert.ok(mirror.delete(metadata.name), `${metadata.name} was deleted twice`);
        },
      });
      for (const each of steps) {
        if (each.do === 'put') server.put(each.name, String(each.value));
        else if (each.do === 'remove') server.remove(each.name);
        else if (each.do === 'bookmark') server.bookmark();
        else if (each.do === 'wait') await clock.advance(each.ms);
        else if (each.do === 'fail')
          server.failures.push(each.expired ? newExpired('gone') : newServiceUnavailable('busy'));
        else {
          if (each.compact) server.compact();
          server.lose(each.error ? newServiceUnavailable('lost') : undefined);
        }
      }
      server.failures.length = 0;
      await clock.advance(120_000);
      const expected = new Map([...server.objects.values()].map((o) => [o.metadata.name, o.data?.['value']]));
      assert.deepEqual(mirror, expected);
      assert.equal(informer.lister.size, server.objects.size);
      await context.stop();
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 60 },
  );
});
