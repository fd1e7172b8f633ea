import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../apimachinery/clock.ts';
import { newWorkqueue } from './key-queue.ts';

const queueOn = (clock: VirtualClock) => newWorkqueue({ name: 'test', clock });

test('keys come in the order of their first add, each once', async () => {
  const queue = queueOn(new VirtualClock());
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  assert.equal(queue.length, 3);
  assert.deepEqual([await queue.take(), await queue.take(), await queue.take()], ['a', 'b', 'c']);
});

test('a key added while it is worked on comes again after done, and not before', async () => {
  const queue = queueOn(new VirtualClock());
  queue.add('a');
  assert.equal(await queue.take(), 'a');
  queue.add('a');
  queue.add('a');
  assert.equal(queue.length, 0);
  queue.done('a');
  assert.equal(await queue.take(), 'a');
  queue.done('a');
  assert.equal(queue.length, 0);
});

test('whoever waits gets the next key, in the order of waiting', async () => {
  const queue = queueOn(new VirtualClock());
  const taken = [queue.take(), queue.take()];
  queue.add('a');
  queue.add('b');
  assert.deepEqual(await Promise.all(taken), ['a', 'b']);
});

test('of several delays for one key the earliest counts', async () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.addAfter('a', 500);
  queue.addAfter('a', 100);
  queue.addAfter('a', 300);
  await clock.advance(99);
  assert.equal(queue.length, 0);
  await clock.advance(1);
  assert.equal(queue.length, 1);
  assert.equal(await queue.take(), 'a');
  queue.done('a');
  await clock.advance(1000);
  assert.equal(queue.length, 0);
});

test('twenty thousand delayed keys hold one timer', async () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  for (let at = 0; at < 20_000; at++) queue.addAfter(`key-${at}`, 1 + ((at * 7919) % 1000));
  assert.equal(clock.pending, 1);
  await clock.advance(1000);
  assert.equal(queue.length, 20_000);
  assert.equal(clock.pending, 0);
});

test('a failing key waits 5 ms, then twice as long each time, at most 1000 s, until it is forgotten', async () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  for (const wait of [5, 10, 20, 40]) {
    queue.addRateLimited('a');
    await clock.advance(wait - 1);
    assert.equal(queue.length, 0);
    await clock.advance(1);
    assert.equal(await queue.take(), 'a');
    queue.done('a');
  }
  assert.equal(queue.requeues('a'), 4);
  for (let again = 0; again < 30; again++) queue.addRateLimited('b');
  queue.addRateLimited('slow');
  queue.forget('a');
  assert.equal(queue.requeues('a'), 0);
  queue.addRateLimited('a');
  await clock.advance(5);
  assert.equal(queue.length, 3);
});

test('shutDown hands out what waits, drops what is delayed, and frees those who wait', async () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add('a');
  queue.addAfter('later', 10);
  queue.shutDown();
  queue.add('b');
  assert.equal(await queue.take(), 'a');
  assert.equal(await queue.take(), undefined);
  assert.equal(clock.pending, 0);
  const idle = queueOn(clock);
  const waiting = idle.take();
  idle.shutDown();
  assert.equal(await waiting, undefined);
});

test('done without take is a bug that is loud', () => {
  assert.throws(() => queueOn(new VirtualClock()).done('a'), /a is done but was not taken/);
});

test('whatever happens, no key is handed out twice at a time and every add is followed by a take', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({
      do: fc.constant('addAfter' as const),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      ms: fc.integer({ min: 0, max: 50 }),
    }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('done' as const) }),
    fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 30 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new VirtualClock();
      const queue = queueOn(clock);
      const working: string[] = [];
      /** Keys whose latest add has not been followed by a take. */
      const owed = new Set<string>();
      const adds = new Map<string, number>();
      const takeOne = async (): Promise<void> => {
        const key = await queue.take();
        assert.ok(key !== undefined);
        assert.ok(!working.includes(key), `${key} was handed out twice`);
        assert.ok((adds.get(key) ?? 0) > 0, `${key} was handed out more often than added`);
        adds.set(key, (adds.get(key) ?? 0) - 1);
        owed.delete(key);
        working.push(key);
      };
      for (const each of steps) {
        if (each.do === 'add' || each.do === 'addAfter') {
          owed.add(each.key);
          adds.set(each.key, (adds.get(each.key) ?? 0) + 1);
          if (each.do === 'add') queue.add(each.key);
          else queue.addAfter(each.key, each.ms);
        } else if (each.do === 'take' && queue.length > 0) await takeOne();
        else if (each.do === 'done') {
          const key = working.shift();
          if (key !== undefined) queue.done(key);
        } else if (each.do === 'advance') await clock.advance(each.ms);
      }
      for (const key of working.splice(0)) queue.done(key);
      await clock.advance(100);
      while (queue.length > 0) {
        await takeOne();
        queue.done(working.shift() ?? '');
      }
      assert.deepEqual([...owed], []);
    }),
    { numRuns: 200 },
  );
});
