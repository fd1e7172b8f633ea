import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../apis/batch/index.ts';
import { JobEntry } from './book.ts';

const job = (version: number): Job => ({ metadata: { resourceVersion: String(version) } }) as unknown as Job;

test('a write of ours that the watch shows before its answer comes is no news', async () => {
  const entry = new JobEntry();
  assert.equal(entry.hears(job(1)), true);
  let late = 0;
  const answer = Promise.withResolvers<Job>();
  const written = entry.write(answer.promise, () => late++);
  assert.equal(entry.hears(job(2)), false);
  answer.resolve(job(2));
  await written;
  assert.equal(late, 0);
  assert.deepEqual([entry.hears(job(2)), entry.hears(job(3))], [false, true]);
});

test('what came after a write, and what came to one that failed, is told late', async () => {
  const entry = new JobEntry();
  let late = 0;
  const answer = Promise.withResolvers<Job>();
  const written = entry.write(answer.promise, () => late++);
  entry.hears(job(3));
  answer.resolve(job(2));
  await written;
  assert.equal(late, 1);
  const refused = entry.write(Promise.reject(new Error('conflict')), () => late++);
  entry.hears(job(4));
  await assert.rejects(refused, /conflict/);
  assert.equal(late, 2);
});
