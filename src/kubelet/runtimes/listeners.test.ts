import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeListeners } from './listeners.ts';

const EVENT = { podUid: 'uid', containerId: 'id' };

test('RuntimeListeners watches once for all who listen, and stops with the last of them', () => {
  const calls: string[] = [];
  const listeners = new RuntimeListeners(() => {
    calls.push('open');
    return { stop: () => void calls.push('stop') };
  });
  assert.equal(listeners.watch, undefined, 'nobody listens yet');
  const leave = [listeners.add(() => calls.push('first')), listeners.add(() => calls.push('second'))];
  listeners.tell(EVENT);
  leave[0]?.();
  listeners.tell(EVENT);
  leave[1]?.();
  assert.deepEqual(calls, ['open', 'first', 'second', 'second', 'stop']);
  listeners.add(() => {});
  listeners.close();
  listeners.close();
  assert.deepEqual(calls.slice(5), ['open', 'stop'], 'it is opened anew, and stopped once');
});
