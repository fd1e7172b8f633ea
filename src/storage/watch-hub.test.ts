import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StorageEvent } from './storage.ts';
import { WatchHub } from './watch-hub.ts';

const put = (key: string, revision: number): StorageEvent => ({
  type: 'put',
  key,
  revision,
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: key, creationTimestamp: '', resourceVersion: String(revision), uid: key },
  },
});

test('all who watch one prefix get the same array of a commit, so that what is made of it is made once', () => {
  const hub = new WatchHub();
  const seen = new Map<string, (readonly StorageEvent[])[]>();
  for (const prefix of ['/core/configmaps/', '/core/configmaps/', '/core/configmaps/a/']) {
    hub.add(prefix, {
      next: (events) => seen.set(prefix, [...(seen.get(prefix) ?? []), events]),
      end: () => {},
    });
  }
  const commit = [put('/core/configmaps/a/x', 2), put('/core/configmaps/b/x', 3), put('/core/pods/a/x', 4)];
  hub.tell(commit, 4);
  const [first, second] = seen.get('/core/configmaps/') ?? [];
  assert.deepEqual(first, commit.slice(0, 2));
  assert.equal(second, first);
  assert.deepEqual(seen.get('/core/configmaps/a/'), [[commit[0]]]);
});

test('who stops while a commit is told is told nothing more, and who starts then is left out', () => {
  const hub = new WatchHub();
  const told: string[] = [];
  const second = { next: () => told.push('second'), end: () => {} };
  hub.add('/core/pods/', {
    next: () => {
      told.push('first');
      late.stop();
      hub.add('/core/pods/', { next: () => told.push('new'), end: () => {} });
    },
    end: () => {},
  });
  const late = hub.add('/core/pods/', second);
  hub.tell([put('/core/pods/a/x', 2)], 2);
  assert.deepEqual(told, ['first']);
});
