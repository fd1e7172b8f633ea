/* oxlint-disable typescript/no-floating-promises -- node:test awaits the tests of a suite by itself. */
/**
 * The one suite that every backend passes: each guarantee of {@link Storage}, a test each, and a model that random
 * sequences of calls are compared with.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import type { HistoryLimits } from '../state.ts';
import type { Storage, StorageEvent } from '../storage.ts';
import { checkAgainstModel, operations } from './model.ts';
import { configMap, recorder, refusedAs, valueIn } from './suite-objects.ts';

/** A backend as the suite uses it. */
export interface SuiteBackend {
  /** Opens a store in an existing directory; the same directory again means the same data where they last. */
  open(directory: string, history?: HistoryLimits): Promise<Storage>;
  /** Whether data outlive their store. */
  readonly durable: boolean;
}

const brief = ({ type, key, revision }: StorageEvent): string => `${type} ${key} ${revision}`;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs every test of the contract against a backend. */
export function storageSuite(name: string, backend: SuiteBackend): void {
  const opened = async (t: TestContext, history?: HistoryLimits): Promise<Storage> => {
    const directory = temporaryDirectory(t, () => storage.close());
    const storage = await backend.open(directory, history);
    return storage;
  };

  describe(`${name} storage`, () => {
    test('a new object gets the next revision, as its resourceVersion too', async (t) => {
      const storage = await opened(t);
      const before = storage.revision;
      const a = await storage.create('/core/configmaps/default/a', configMap('a'));
      const b = await storage.create('/core/configmaps/default/b', configMap('b'));
      assert.equal(a.revision, before + 1);
      assert.equal(b.revision, before + 2);
      assert.equal(b.object.metadata.resourceVersion, String(b.revision));
      assert.equal(storage.revision, b.revision);
      assert.deepEqual(await storage.get(b.key), b);
    });

    test('the object handed over is the object stored: nothing is copied', async (t) => {
      const storage = await opened(t);
      const object = configMap('a');
      const stored = await storage.create('/core/configmaps/default/a', object);
      assert.equal(stored.object, object);
      assert.equal((await storage.get(stored.key))?.object, object);
      assert.deepEqual(JSON.parse(storage.json(stored.object)), object);
      assert.equal(storage.json(stored.object), storage.json(stored.object));
    });

    test('create refuses a key that exists, update and delete one that does not', async (t) => {
      const storage = await opened(t);
      const key = '/core/configmaps/default/a';
      await storage.create(key, configMap('a'));
      await assert.rejects(storage.create(key, configMap('a')), refusedAs('key-exists'));
      const missing = '/core/configmaps/default/none';
      await assert.rejects(storage.update(missing, configMap('none'), 1), refusedAs('key-missing'));
      await assert.rejects(storage.delete(missing, 1), refusedAs('key-missing'));
      assert.equal(await storage.get(missing), undefined);
      assert.equal(storage.revision, 1);
    });

    test('update and delete refuse a revision that is not the newest, and change nothing', async (t) => {
      const storage = await opened(t);
      const key = '/core/configmaps/default/a';
      const first = await storage.create(key, configMap('a', '1'));
      const second = await storage.update(key, configMap('a', '2'), first.revision);
      await assert.rejects(
        storage.update(key, configMap('a', '3'), first.revision),
        refusedAs('revision-mismatch'),
      );
      await assert.rejects(storage.delete(key, first.revision), refusedAs('revision-mismatch'));
      assert.deepEqual(await storage.get(key), second);
      assert.equal(storage.revision, second.revision);
    });

    test('a deletion answers the last state with a revision of its own', async (t) => {
      const storage = await opened(t);
      const key = '/core/configmaps/default/a';
      const stored = await storage.create(key, configMap('a', 'last'));
      const gone = await storage.delete(key, stored.revision);
      assert.equal(gone.revision, stored.revision + 1);
      assert.equal(gone.object.metadata.resourceVersion, String(gone.revision));
      assert.deepEqual({ ...gone.object, metadata: {} }, { ...stored.object, metadata: {} });
      assert.equal(stored.object.metadata.resourceVersion, String(stored.revision));
      assert.equal(await storage.get(key), undefined);
      assert.equal(await storage.count('/core/configmaps/'), 0);
    });

    test('a list is in key order and keeps to its prefix', async (t) => {
      const storage = await opened(t);
      const keys = [
        '/core/pods/b/z',
        '/core/pods/a-b/x',
        '/core/pods/a/y',
        '/core/pods/a/b',
        '/core/podsets/a/c',
        '/core/nodes/n',
      ];
      await Promise.all(keys.map((key) => storage.create(key, configMap('x'))));
      const under = async (prefix: string): Promise<string[]> =>
        (await storage.list(prefix)).items.map(({ key }) => key);
      assert.deepEqual(await under('/core/pods/'), [
        '/core/pods/a-b/x',
        '/core/pods/a/b',
        '/core/pods/a/y',
        '/core/pods/b/z',
      ]);
      assert.deepEqual(await under('/core/pods/a/'), ['/core/pods/a/b', '/core/pods/a/y']);
      assert.deepEqual(await under('/core/nodes/'), ['/core/nodes/n']);
      assert.deepEqual(await under('/batch/jobs/'), []);
      assert.equal(await storage.count('/core/pods/'), 4);
      assert.equal(await storage.count('/'), 6);
    });

    test('pages of a revision stay consistent while others write', async (t) => {
      const storage = await opened(t);
      const key = (at: number): string => `/core/pods/default/p${String(at).padStart(4, '0')}`;
      for (let at = 0; at < 20; at += 2) await storage.create(key(at), configMap(String(at), 'old'));
      const whole = await storage.list('/core/pods/');
      const paged: unknown[] = [];
      let after: string | undefined;
      for (;;) {
        const page = await storage.list('/core/pods/', {
          limit: 3,
          revision: whole.revision,
          ...(after === undefined ? {} : { after }),
        });
        assert.equal(page.revision, whole.revision);
        paged.push(...page.items);
        assert.equal(page.remaining, whole.items.length - paged.length);
        assert.equal(page.more, page.remaining > 0);
        if (!page.more) break;
        after = page.items.at(-1)?.key;
        const first = (await storage.list('/core/pods/', { limit: 1 })).items[0];
        assert(first !== undefined);
        await storage.delete(first.key, first.revision);
        const last = (await storage.list('/core/pods/')).items.at(-1);
        assert(last !== undefined);
        await storage.update(last.key, configMap('new', 'new'), last.revision);
        await storage.create(key(2 * paged.length + 1), configMap('odd', 'odd'));
      }
      assert.deepEqual(paged, whole.items);
    });

    test('a revision of the future is refused as such', async (t) => {
      const storage = await opened(t);
      const next = storage.revision + 1;
      await assert.rejects(storage.list('/', { revision: next }), refusedAs('future-revision'));
      assert.throws(() => storage.watch('/', next, recorder()), refusedAs('future-revision'));
    });

    test('a revision whose history is gone is refused as compacted, and the newest never is', async (t) => {
      const storage = await opened(t, { events: 3 });
      for (let at = 0; at < 8; at++) await storage.create(`/core/pods/default/${at}`, configMap(String(at)));
      const { revision } = storage;
      await assert.rejects(storage.list('/', { revision: revision - 4 }), refusedAs('compacted'));
      assert.throws(() => storage.watch('/', revision - 4, recorder()), refusedAs('compacted'));
      assert.equal((await storage.list('/', { revision: revision - 3 })).items.length, 5);
      const watcher = recorder();
      const watch = storage.watch('/', revision - 3, watcher);
      await turn();
      assert.deepEqual(
        watcher.events.map(({ revision: at }) => at),
        [revision - 2, revision - 1, revision],
      );
      watch.stop();
    });

    test('a past that was forgotten is refused as compacted, and changes go on from there', async (t) => {
      const storage = await opened(t);
      await storage.create('/core/pods/default/a', configMap('a'));
      await storage.create('/core/pods/default/b', configMap('b'));
      storage.forgetPast();
      const { revision } = storage;
      assert.throws(() => storage.watch('/', revision - 1, recorder()), refusedAs('compacted'));
      await assert.rejects(storage.list('/', { revision: revision - 1 }), refusedAs('compacted'));
      await storage.create('/core/pods/default/c', configMap('c'));
      const watcher = recorder();
      const watch = storage.watch('/', revision, watcher);
      await turn();
      assert.deepEqual(
        watcher.events.map(({ revision: at }) => at),
        [revision + 1],
      );
      watch.stop();
    });

    test('lists of an older state can expire while watches still begin there', async (t) => {
      const storage = await opened(t);
      await storage.create('/core/pods/default/a', configMap('a'));
      const { revision } = storage;
      await storage.create('/core/pods/default/b', configMap('b'));
      storage.expireLists(revision);
      assert.equal((await storage.list('/', { revision })).items.length, 1);
      storage.expireLists(revision + 1);
      await assert.rejects(storage.list('/', { revision }), refusedAs('compacted'));
      assert.equal((await storage.list('/')).items.length, 2);
      const watcher = recorder();
      const watch = storage.watch('/', revision, watcher);
      await turn();
      assert.equal(watcher.events.length, 1);
      watch.stop();
    });

    test('large objects shorten the history by their size', async (t) => {
      const storage = await opened(t, { characters: 3000 });
      for (let at = 0; at < 5; at++) {
        await storage.create(`/core/pods/default/${at}`, configMap(String(at), 'x'.repeat(1000)));
      }
      await assert.rejects(storage.list('/', { revision: storage.revision - 3 }), refusedAs('compacted'));
      assert.equal((await storage.list('/', { revision: storage.revision - 1 })).items.length, 4);
    });

    test('a watch whose history goes before its replay ends as compacted instead of leaving a gap', async (t) => {
      const storage = await opened(t, { events: 2 });
      await storage.create('/core/pods/default/a', configMap('a'));
      const watcher = recorder();
      const writes = [1, 2, 3].map((at) => storage.create(`/core/pods/default/${at}`, configMap('c')));
      storage.watch('/', 0, watcher);
      assert.deepEqual(watcher.events, []);
      await Promise.all(writes);
      if (watcher.ends.length > 0) {
        assert.deepEqual(watcher.events, []);
        assert(refusedAs('compacted')(watcher.ends[0]));
      } else {
        assert.deepEqual(
          watcher.events.map(({ revision }) => revision),
          [1, 2, 3, 4],
        );
      }
    });

    test('a watch replays the past on a later turn, then goes on without gap or repetition', async (t) => {
      const storage = await opened(t);
      const start = storage.revision;
      const a = await storage.create('/core/pods/x/a', configMap('a'));
      await storage.create('/core/nodes/n', configMap('n'));
      await storage.update('/core/pods/x/a', configMap('a', '2'), a.revision);
      const watcher = recorder();
      const watch = storage.watch('/core/pods/', start, watcher);
      assert.deepEqual(watcher.events, [], 'nothing is told from inside the call');
      const pending = storage.create('/core/pods/x/b', configMap('b'));
      await pending;
      await storage.delete('/core/pods/x/b', (await pending).revision);
      assert.deepEqual(watcher.events.map(brief), [
        `put /core/pods/x/a ${start + 1}`,
        `put /core/pods/x/a ${start + 3}`,
        `put /core/pods/x/b ${start + 4}`,
        `delete /core/pods/x/b ${start + 5}`,
      ]);
      assert.equal(watcher.progressed.at(-1), storage.revision);
      watch.stop();
      watch.stop();
      await storage.create('/core/pods/x/c', configMap('c'));
      assert.equal(watcher.events.length, 4);
    });

    test('an event knows the state before, and a deletion the last state at its own revision', async (t) => {
      const storage = await opened(t);
      const watcher = recorder();
      storage.watch('/core/pods/', storage.revision, watcher);
      const first = await storage.create('/core/pods/x/a', configMap('a', '1'));
      const second = await storage.update('/core/pods/x/a', configMap('a', '2'), first.revision);
      const gone = await storage.delete('/core/pods/x/a', second.revision);
      const [created, updated, deleted] = watcher.events;
      assert.equal(created?.previous, undefined);
      assert.deepEqual(updated?.previous, first);
      assert.deepEqual(deleted?.previous, second);
      assert.deepEqual(deleted?.object, gone.object);
    });

    test('no event, read or revision shows a write before it is answered', async (t) => {
      const storage = await opened(t);
      const watcher = recorder();
      storage.watch('/', storage.revision, watcher);
      const start = storage.revision;
      const writing = storage.create('/core/pods/x/a', configMap('a'));
      assert.equal(storage.revision, start);
      assert.deepEqual(watcher.events, []);
      const listing = storage.list('/');
      assert.deepEqual((await listing).items, []);
      const stored = await writing;
      assert.equal(watcher.events.length, 1);
      assert.equal(storage.revision, stored.revision);
      assert.deepEqual(await storage.get(stored.key), stored);
    });

    test('writes of one turn are told together, in revision order, and progress follows', async (t) => {
      const storage = await opened(t);
      const all = recorder();
      const nodes = recorder();
      storage.watch('/core/pods/', storage.revision, all);
      storage.watch('/core/nodes/', storage.revision, nodes);
      await Promise.all(
        Array.from({ length: 10 }, (_, at) => storage.create(`/core/pods/x/${at}`, configMap(String(at)))),
      );
      assert.deepEqual(all.commits, [10]);
      assert.deepEqual(
        all.events.map(({ revision }) => revision),
        Array.from({ length: 10 }, (_, at) => at + 1),
      );
      assert.deepEqual(nodes.events, []);
      assert.deepEqual(nodes.progressed, [storage.revision]);
    });

    test('an observer may stop itself, open another watch and write from within a call', async (t) => {
      const storage = await opened(t);
      const inner = recorder();
      let told = 0;
      let written: Promise<unknown> | undefined;
      const watch = storage.watch('/', storage.revision, {
        next() {
          told++;
          watch.stop();
          storage.watch('/', storage.revision, inner);
          written = storage.create('/core/pods/x/b', configMap('b'));
        },
        end: () => undefined,
      });
      await storage.create('/core/pods/x/a', configMap('a'));
      await turn();
      await written;
      assert.equal(told, 1);
      assert.deepEqual(inner.events.map(brief), ['put /core/pods/x/b 2']);
    });

    test('of many writers at the same revision exactly one wins', async (t) => {
      const storage = await opened(t);
      const key = '/core/pods/x/a';
      const { revision } = await storage.create(key, configMap('a', '0'));
      const results = await Promise.allSettled(
        Array.from({ length: 100 }, (_, at) => storage.update(key, configMap('a', String(at)), revision)),
      );
      const refusals = results.filter((result) => result.status === 'rejected');
      assert.equal(refusals.length, 99);
      assert(refusals.every(({ reason }) => refusedAs('revision-mismatch')(reason)));
      assert.equal(storage.revision, revision + 1);
    });

    test('a thousand concurrent writers lose no increment, and every change has its own revision', async (t) => {
      const storage = await opened(t);
      const watcher = recorder();
      storage.watch('/', storage.revision, watcher);
      const key = '/core/configmaps/x/counter';
      await storage.create(key, configMap('counter', '0'));
      const increment = async (): Promise<void> => {
        for (;;) {
          const now = await storage.get(key);
          assert(now !== undefined);
          const count = Number(valueIn(now));
          try {
            await storage.update(key, configMap('counter', String(count + 1)), now.revision);
            return;
          } catch (error) {
            assert(refusedAs('revision-mismatch')(error));
          }
        }
      };
      await Promise.all([
        ...Array.from({ length: 40 }, increment),
        ...Array.from({ length: 960 }, (_, at) =>
          storage.create(`/core/pods/x/${at}`, configMap(String(at))),
        ),
      ]);
      assert.equal(valueIn(await storage.get(key)), '40');
      assert.deepEqual(
        watcher.events.map(({ revision }) => revision),
        Array.from({ length: 1001 }, (_, at) => at + 1),
      );
    });

    test('an object that is no JSON is refused alone', async (t) => {
      const storage = await opened(t);
      const loop = configMap('loop') as ApiObject & { self?: unknown };
      loop.self = loop;
      const [bad, good] = await Promise.allSettled([
        storage.create('/core/pods/x/loop', loop),
        storage.create('/core/pods/x/good', configMap('good')),
      ]);
      assert.equal(bad.status, 'rejected');
      assert.equal(good.status === 'fulfilled' && good.value.revision, 1);
      assert.equal(await storage.count('/'), 1);
    });

    test('close commits what is pending, ends watches, and refuses the rest', async (t) => {
      const storage = await opened(t);
      await storage.ready();
      const watcher = recorder();
      storage.watch('/', storage.revision, watcher);
      const pending = storage.create('/core/pods/x/a', configMap('a'));
      const closing = storage.close();
      assert.equal((await pending).revision, 1);
      await closing;
      await storage.close();
      assert.equal(watcher.events.length, 1);
      assert.deepEqual(watcher.ends, [undefined]);
      await assert.rejects(storage.create('/core/pods/x/b', configMap('b')), refusedAs('closed'));
      await assert.rejects(storage.get('/core/pods/x/a'), refusedAs('closed'));
      await assert.rejects(storage.list('/'), refusedAs('closed'));
      await assert.rejects(storage.count('/'), refusedAs('closed'));
      await assert.rejects(storage.ready(), refusedAs('closed'));
      assert.throws(() => storage.watch('/', 1, watcher), refusedAs('closed'));
    });

    test('whatever the sequence of calls, the store answers as the model does', async (t) => {
      await fc.assert(
        fc.asyncProperty(operations, async (sequence) => {
          const directory = mkdtempSync(join(tmpdir(), 'longshore-store-'));
          try {
            await checkAgainstModel(() => backend.open(directory), backend.durable, sequence);
          } finally {
            rmSync(directory, { recursive: true, force: true });
          }
        }),
        { numRuns: backend.durable ? 25 : 150, seed: 20_260 },
      );
      t.diagnostic('seed 20260');
    });

    if (!backend.durable) return;

    test('a store opened again has everything, and goes on with revisions never used before', async (t) => {
      const directory = temporaryDirectory(t, () => second.close());
      const first = await backend.open(directory);
      const a = await first.create('/core/pods/x/a', configMap('a', 'Grüße, 世界 \u2028 \u0000 "quoted"'));
      const b = await first.create('/core/pods/x/b', configMap('b'));
      const gone = await first.delete(b.key, b.revision);
      await first.close();

      const second = await backend.open(directory);
      assert.equal(second.revision, gone.revision);
      const again = await second.get(a.key);
      assert.equal(again?.revision, a.revision);
      assert.deepEqual(again?.object, a.object);
      assert.equal((await second.list('/')).items.length, 1);
      assert.throws(() => second.watch('/', a.revision, recorder()), refusedAs('compacted'));
      const watcher = recorder();
      second.watch('/', second.revision, watcher);
      const next = await second.create(b.key, configMap('b'));
      assert.equal(next.revision, gone.revision + 1);
      assert.equal(watcher.events.length, 1);
    });
  });
}
