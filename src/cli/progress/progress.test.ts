import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import type { Job } from '../../apis/batch/types.ts';
import { Progress } from './progress.ts';

function job(name: string, status: object): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { completions: 3, template: {} },
    status,
  };
}

const complete = {
  succeeded: 3,
  conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: '2026-01-01T00:00:09Z' }],
};

function screen(isTerminal: boolean): {
  readonly lines: string[];
  readonly screen: ConstructorParameters<typeof Progress>[0];
} {
  const lines: string[] = [];
  return { lines, screen: { isTerminal, columns: 100, write: (text) => void lines.push(text) } };
}

test('Progress prints plain lines at most once a second for each Job, and always the last state', async () => {
  const clock = new VirtualClock();
  const { lines, screen: plain } = screen(false);
  const progress = new Progress(plain, clock);
  progress.update(job('a', { active: 1 }));
  await clock.advance(10);
  for (const succeeded of [1, 2]) progress.update(job('a', { active: 1, succeeded }));
  await clock.advance(10);
  assert.equal(lines.length, 1);
  progress.update(job('a', complete));
  progress.close();
  assert.deepEqual(lines, [
    'a  Running  0/3 succeeded, 1 active, 0 failed, 0s\n',
    'a  Complete  3/3 succeeded, 0 active, 0 failed, 9s\n',
  ]);
  assert.equal(clock.pending, 0);
});

test('Progress keeps its lines below the log on a terminal', async () => {
  const clock = new VirtualClock();
  const { lines, screen: terminal } = screen(true);
  const progress = new Progress(terminal, clock);
  progress.update(job('a', { active: 1 }));
  await clock.advance(150);
  progress.print('[pod] hello');
  progress.close();
  const text = lines.join('');
  assert.ok(text.includes(`\u001b[1A\u001b[J[pod] hello\na  Running`), text);
});
