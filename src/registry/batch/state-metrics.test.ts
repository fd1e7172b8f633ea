import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { openMemoryStorage } from '../../storage/index.ts';
import { batchMetrics } from './state-metrics.ts';

async function told(kind: 'Job' | 'CronJob', object: object): Promise<readonly string[]> {
  const storage = openMemoryStorage();
  const metadata = { namespace: 'n', name: 'o', creationTimestamp: '2026-01-01T00:00:00Z' };
  const stored = { apiVersion: 'batch/v1', kind, metadata, ...object } as unknown as ApiObject;
  await storage.create(`/batch/${kind.toLowerCase()}s/n/o`, stored);
  const text = await batchMetrics(storage);
  await storage.close();
  return text.split('\n').filter((line) => line.startsWith('kube_'));
}

const job = 'namespace="n",job_name="o"';

test('a failed Job tells its reason, and a reason without a series of its own the number of failed pods', async () => {
  const failed = (reason: string): object => ({
    spec: {},
    status: { failed: 4, conditions: [{ type: 'Failed', status: 'True', reason }] },
  });
  const known = await told('Job', failed('DeadlineExceeded'));
  assert.ok(known.includes(`kube_job_status_failed{${job},reason="DeadlineExceeded"} 1`));
  assert.ok(known.includes(`kube_job_status_failed{${job},reason="BackoffLimitExceeded"} 0`));
  assert.equal(
    known.some((line) => line.includes('reason=""')),
    false,
  );
  assert.ok(known.includes(`kube_job_failed{${job},condition="true"} 1`));
  assert.ok(known.includes(`kube_job_failed{${job},condition="false"} 0`));
  assert.ok(
    (await told('Job', failed('PodFailurePolicy'))).includes(`kube_job_status_failed{${job},reason=""} 4`),
  );
});

test('a finished Job tells when it began and ended, and what it belongs to', async () => {
  const lines = await told('Job', {
    metadata: {
      namespace: 'n',
      name: 'o',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [{ kind: 'CronJob', name: 'c', controller: true }],
    },
    spec: { parallelism: 1 },
    status: { startTime: '2026-01-01T00:00:01Z', completionTime: '2026-01-01T00:00:03Z', succeeded: 1 },
  });
  assert.ok(lines.includes(`kube_job_status_start_time{${job}} 1767225601`));
  assert.ok(lines.includes(`kube_job_status_completion_time{${job}} 1767225603`));
  assert.ok(lines.includes(`kube_job_status_succeeded{${job}} 1`));
  const owner = 'owner_kind="CronJob",owner_name="c",owner_is_controller="true"';
  assert.ok(lines.includes(`kube_job_owner{${job},${owner}} 1`));
});

test('a suspended CronJob has no next time, nor one whose zone is not there; others have the one after their last', async () => {
  const spec = { schedule: '30 2 * * *', timeZone: 'Etc/UTC' };
  const next = (lines: readonly string[]): string | undefined =>
    lines.find((line) => line.startsWith('kube_cronjob_next_schedule_time'));
  const status = { lastScheduleTime: '2026-01-05T02:30:00Z' };
  assert.match(next(await told('CronJob', { spec, status })) ?? '', / 1767666600$/);
  assert.match(next(await told('CronJob', { spec })) ?? '', / 1767234600$/);
  assert.equal(next(await told('CronJob', { spec: { ...spec, suspend: true } })), undefined);
  assert.equal(next(await told('CronJob', { spec: { ...spec, timeZone: 'Nowhere/Land' } })), undefined);
});

test('a label’s value is quoted as the text format wants it', async () => {
  const lines = await told('CronJob', { spec: { schedule: 'a"b\\c\nd' } });
  assert.ok(lines.some((line) => line.includes('schedule="a\\"b\\\\c\\nd"')));
});
