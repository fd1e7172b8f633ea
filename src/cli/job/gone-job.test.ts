import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Event } from '../../apis/core/types.ts';
import { explainGoneJob } from './gone-job.ts';

let made = 0;
function event(reason: string, message: string, second: number, uid: string): DeepReadonly<Event> {
  made += 1;
  const lastTimestamp = `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `j.${made}`, uid: `${made}`, resourceVersion: '1', creationTimestamp: lastTimestamp },
    involvedObject: { kind: 'Job', name: 'j', uid },
    reason,
    message,
    lastTimestamp,
  };
}

test('of a Job that is gone its end and what it used are told, and nothing of an earlier one of its name', () => {
  const used = 'c: cpuSeconds=1.5 peakMemoryBytes=2097152; first: cpuSeconds=0.25 peakMemoryBytes=1048576';
  const events = [
    event('ResourcesUsed', 'c: cpuSeconds=99 peakMemoryBytes=1', 1, 'old'),
    event('Completed', 'Job completed', 9, 'new'),
    event('SuccessfulCreate', 'Created pod: j-a', 5, 'new'),
    event('ResourcesUsed', used, 9, 'new'),
  ];
  assert.deepEqual(explainGoneJob('j', events), [
    'Job j is gone. The last that was told of it: Completed: Job completed.',
    'It used 1.75 s of processor time; the most memory of a container was 2 MiB (c).',
    'By container: c 1.5 s and 2 MiB, first 0.25 s and 1 MiB.',
  ]);
  assert.deepEqual(explainGoneJob('other', events), []);
});
