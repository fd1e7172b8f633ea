import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Storage, StorageErrorCode, StoredObject } from '../storage.ts';
import { StorageError } from '../storage.ts';
import { configMap, recorder, valueIn } from './suite-objects.ts';

/** One call, or a group of writes issued together. Keys are numbers of a small set, so that calls meet. */
export type Operation =
  | { readonly call: 'write'; readonly writes: readonly ModelWrite[] }
  | {
      readonly call: 'list';
      readonly prefix: string;
      readonly back: number;
      readonly limit: number;
      readonly after: number;
    }
  | { readonly call: 'watch'; readonly prefix: string; readonly back: number }
  | { readonly call: 'reopen' };

interface ModelWrite {
  readonly verb: 'create' | 'update' | 'delete';
  readonly key: number;
  /** Whether update and delete name the newest revision. */
  readonly fresh: boolean;
}

const KEYS = [
  '/core/pods/a/1',
  '/core/pods/a/2',
  '/core/pods/a-b/1',
  '/core/pods/b/1',
  '/core/nodes/n',
  '/batch/jobs/a/1',
];
const PREFIXES = ['/', '/core/', '/core/pods/', '/core/pods/a/', '/core/nodes/', '/batch/jobs/'];

const write = fc.record({
  verb: fc.constantFrom<ModelWrite['verb']>('create', 'create', 'update', 'update', 'delete'),
  key: fc.nat(KEYS.length - 1),
  fresh: fc.boolean(),
});

/** Sequences of calls. */
export const operations: fc.Arbitrary<readonly Operation[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        call: fc.constant('write' as const),
        writes: fc.array(write, { minLength: 1, maxLength: 8 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        call: fc.constant('list' as const),
        prefix: fc.constantFrom(...PREFIXES),
        back: fc.nat(12),
        limit: fc.nat(3),
        after: fc.integer({ min: -1, max: KEYS.length - 1 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        call: fc.constant('watch' as const),
        prefix: fc.constantFrom(...PREFIXES),
        back: fc.nat(12),
      }),
    },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('reopen' as const) }) },
  ),
  { maxLength: 40 },
);

type ModelState = ReadonlyMap<string, { readonly revision: number; readonly value: string }>;

/** The contract in its simplest form: every state there ever was. */
class Model {
  readonly states: ModelState[] = [new Map()];

  get revision(): number {
    return this.states.length - 1;
  }

  get now(): ModelState {
    return this.states[this.revision] ?? new Map();
  }

  write(verb: ModelWrite['verb'], key: string, value: string, expected: number): StorageErrorCode | number {
    const before = this.now.get(key);
    if (verb === 'create' && before !== undefined) return 'key-exists';
    if (verb !== 'create' && before === undefined) return 'key-missing';
    if (verb !== 'create' && before?.revision !== expected) return 'revision-mismatch';
    const next = new Map(this.now);
    const revision = this.states.length;
    if (verb === 'delete') next.delete(key);
    else next.set(key, { revision, value });
    this.states.push(next);
    return revision;
  }

  list(prefix: string, revision: number, after: string): readonly string[] {
    return [...(this.states[revision] ?? new Map()).entries()]
      .filter(([key]) => key.startsWith(prefix) && key > after)
      .map(([key, { revision: at }]) => `${key}@${at}`)
      .sort();
  }

  changes(prefix: string, after: number): readonly string[] {
    const seen: string[] = [];
    for (let revision = after + 1; revision < this.states.length; revision++) {
      const [was, is] = [this.states[revision - 1], this.states[revision]];
      for (const key of KEYS) {
        if (!key.startsWith(prefix)) continue;
        if (is?.get(key)?.revision === revision) seen.push(`put ${key}@${revision}`);
        else if (was?.has(key) && !is?.has(key)) seen.push(`delete ${key}@${revision}`);
      }
    }
    return seen;
  }
}

const named = ({ key, revision }: StoredObject): string => `${key}@${revision}`;

/** Makes the calls on a fresh store and fails where its answer is not the model's. */
export async function checkAgainstModel(
  open: () => Promise<Storage>,
  durable: boolean,
  sequence: readonly Operation[],
): Promise<void> {
  const model = new Model();
  let storage = await open();
  let knownFrom = 0;
  const watches: {
    readonly prefix: string;
    readonly after: number;
    readonly seen: ReturnType<typeof recorder>;
  }[] = [];
  const checkWatches = (): void => {
    for (const { prefix, after, seen } of watches.splice(0)) {
      assert.deepEqual(
        seen.events.map(({ type, key, revision }) => `${type} ${key}@${revision}`),
        model.changes(prefix, after),
      );
    }
  };
  try {
    let serial = 0;
    for (const operation of sequence) {
      if (operation.call === 'write') {
        const base = model.now;
        const answers = operation.writes.map(({ verb, key: at, fresh }) => {
          const key = KEYS[at] ?? '';
          const expected = fresh ? (base.get(key)?.revision ?? 1) : 0;
          const value = String(serial++);
          const answer =
            verb === 'create'
              ? storage.create(key, configMap(key, value))
              : verb === 'update'
                ? storage.update(key, configMap(key, value), expected)
                : storage.delete(key, expected);
          return { answer, said: model.write(verb, key, value, expected) };
        });
        for (const { answer, said } of answers) {
          const got = await answer.then(
            ({ revision }) => revision,
            (error: unknown) => (error instanceof StorageError ? error.code : error),
          );
          assert.equal(got, said);
        }
      } else if (operation.call === 'list') {
        const revision = Math.max(knownFrom, model.revision - operation.back);
        const after = KEYS[operation.after] ?? '';
        const page = await storage.list(operation.prefix, {
          revision,
          limit: operation.limit,
          ...(after === '' ? {} : { after }),
        });
        const expected = model.list(operation.prefix, revision, after);
        const shown = operation.limit === 0 ? expected : expected.slice(0, operation.limit);
        assert.deepEqual(page.items.map(named), shown);
        assert.equal(page.remaining, expected.length - shown.length);
        assert.equal(page.more, shown.length < expected.length);
      } else if (operation.call === 'watch') {
        const after = Math.max(knownFrom, model.revision - operation.back);
        const seen = recorder();
        watches.push({ prefix: operation.prefix, after, seen });
        storage.watch(operation.prefix, after, seen);
      } else if (durable) {
        await storage.close();
        checkWatches();
        storage = await open();
        knownFrom = storage.revision;
      }
      assert.equal(storage.revision, model.revision);
      for (const prefix of PREFIXES) {
        assert.equal(await storage.count(prefix), model.list(prefix, model.revision, '').length);
      }
    }
    for (const [key, { value }] of model.now) {
      const stored = await storage.get(key);
      assert.equal(valueIn(stored), value);
    }
  } finally {
    await storage.close();
  }
  checkWatches();
}
