import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../apimachinery/clock.ts';
import type { Pod } from '../apis/core/types.ts';
import { PendingPods } from './pending-pods.ts';
import { type PodFacts, podFacts } from './pod-facts.ts';

function facts(name: string, { cpu = '1', priority = 0, created = '2026-01-01T00:00:00Z' } = {}): PodFacts {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: created },
    spec: { priority, containers: [{ name: 'c', resources: { requests: { cpu } } }] },
    status: {},
  };
  return podFacts(pod);
}

function rig() {
  const clock = new VirtualClock();
  let ready = 0;
  const pending = new PendingPods(clock, () => {
    ready += 1;
  });
  const drain = (): string[] => {
    const names: string[] = [];
    for (let pod = pending.next(); pod !== undefined; pod = pending.next()) {
      names.push(pod.uid);
      pending.placed(pod.uid);
    }
    return names;
  };
  return { clock, pending, drain, readyCalls: () => ready };
}

test('priority comes before age, and age before the order of coming', () => {
  const { pending, drain } = rig();
  pending.add(facts('young', { created: '2026-01-02T00:00:00Z', cpu: '2' }));
  pending.add(facts('old'));
  pending.add(facts('second'));
  pending.add(facts('urgent', { priority: 5, created: '2026-01-03T00:00:00Z' }));
  assert.deepEqual(drain(), ['urgent', 'old', 'second', 'young']);
  assert.equal(pending.size, 0);
});

test('where one finds no node its like are set aside with it, and each is told once', () => {
  const { pending } = rig();
  for (const name of ['a', 'b', 'c']) pending.add(facts(name));
  pending.add(facts('other', { cpu: '2' }));
  const told = (uid: string, message: string): string[] =>
    pending.setAside(uid, message).map((each) => each.uid);
  assert.equal(pending.next()?.uid, 'a');
  assert.deepEqual(told('a', 'full').sort(), ['a', 'b', 'c']);
  assert.equal(pending.next()?.uid, 'other');
  pending.placed('other');
  assert.equal(pending.next(), undefined);
  assert.equal(pending.add(facts('d')), 'full', 'the next of the class waits with it');
});

test('when something changes one of each class is tried, and the next only if that one was placed', async () => {
  const { clock, pending } = rig();
  for (const name of ['a', 'b', 'c']) pending.add(facts(name));
  pending.next();
  pending.setAside('a', 'full');
  await clock.advance(10);
  pending.wake();
  assert.equal(pending.next()?.uid, 'a');
  pending.placed('a');
  assert.equal(pending.next()?.uid, 'b');
  assert.deepEqual(
    pending.setAside('b', 'full').map(({ uid }) => uid),
    ['b'],
  );
  assert.equal(pending.next(), undefined);
  pending.stop();
});

test('tries in vain in a row are made ever more rarely, down to one in ten seconds', async () => {
  const { clock, pending } = rig();
  pending.add(facts('a'));
  let tries = 0;
  const attempt = (): void => {
    const pod = pending.next();
    if (pod === undefined) return;
    tries += 1;
    pending.setAside(pod.uid, 'full');
  };
  attempt();
  for (let ms = 0; ms < 60_000; ms += 50) {
    pending.wake();
    await clock.advance(50);
    attempt();
  }
  assert.ok(tries > 10 && tries < 22, `${tries} tries in a minute of constant change`);
  pending.stop();
  assert.equal(clock.pending, 0);
});

test('a change during the pause is not forgotten', async () => {
  const { clock, pending, readyCalls } = rig();
  pending.add(facts('a'));
  pending.next();
  pending.setAside('a', 'full');
  pending.wake();
  assert.equal(pending.next(), undefined);
  await clock.advance(1);
  assert.equal(readyCalls(), 1);
  assert.equal(pending.next()?.uid, 'a');
  pending.stop();
});

test('after five minutes aside a pod is tried though nothing changed', async () => {
  const { clock, pending } = rig();
  pending.add(facts('a'));
  pending.next();
  pending.setAside('a', 'full');
  await clock.advance(299_999);
  assert.equal(pending.next(), undefined);
  await clock.advance(1);
  assert.equal(pending.next()?.uid, 'a');
  pending.stop();
});

test('a pod set aside alone leaves the others of its class their turn', () => {
  const { pending } = rig();
  const [a, b] = [facts('a'), facts('b')];
  pending.add(a);
  pending.add(b);
  assert.equal(pending.next()?.uid, 'a');
  pending.setAsideAlone(a, 'unwelcome');
  assert.equal(pending.next()?.uid, 'b');
  pending.placed('b');
  pending.remove('a');
  assert.equal(pending.size, 0);
  pending.stop();
});
