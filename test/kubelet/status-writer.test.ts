/** Writing statuses to the real API server, with others who write the same pods. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep, VirtualClock } from '../../src/apimachinery/clock.ts';
import { newServiceUnavailable } from '../../src/apimachinery/status-error.ts';
import { PODS } from '../../src/client/index.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import type { ReportedStatus } from '../../src/kubelet/status/pod-status.ts';
import { StatusWriter } from '../../src/kubelet/status/status-writer.ts';
import { KubeletWorld } from './world.ts';

function status(
  phase: 'Pending' | 'Running' | 'Succeeded',
  more: Partial<ReportedStatus> = {},
): ReportedStatus {
  const conditions = [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }];
  return { phase, conditions, startTime: '2026-01-01T00:00:00Z', containerStatuses: [], ...more };
}

async function open() {
  const clock = new VirtualClock();
  const world = await KubeletWorld.open(clock);
  const writer = new StatusWriter({
    client: world.client,
    clock,
    log: silent,
    retryPause: (ms) => sleep(clock, ms),
  });
  const writes = (): number => world.requests.filter((request) => request === 'update pods/status').length;
  return { clock, world, writer, writes };
}

test('of several statuses in a moment the last one is written, and the same one is not written again', async () => {
  const { clock, world, writer, writes } = await open();
  const pod = await world.createPod('p', {});
  writer.want(pod, status('Pending'), false);
  writer.want(pod, status('Running'), false);
  await clock.advance(50);
  assert.equal((await world.pod('p')).status.phase, 'Running');
  writer.want(pod, status('Running'), true);
  await clock.advance(50);
  assert.equal(writes(), 1);
  await writer.stop();
  await world.close();
  assert.equal(clock.pending, 0);
});

test('what others wrote in between is kept: conditions, labels, finalizers', async () => {
  const { clock, world, writer } = await open();
  const pod = await world.createPod('p', {});
  const disruption = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' };
  await world.client.patch(
    PODS,
    'default',
    'p',
    'application/strategic-merge-patch+json',
    {
      status: { conditions: [disruption] },
    },
    'status',
  );
  await world.client.patch(PODS, 'default', 'p', 'application/merge-patch+json', {
    metadata: { labels: { added: 'meanwhile' }, finalizers: ['example.com/hold'] },
  });
  writer.want(pod, status('Running'), true);
  await clock.advance(50);
  const { metadata, status: written } = await world.pod('p');
  assert.equal(written.phase, 'Running');
  assert.equal(metadata.labels?.['added'], 'meanwhile');
  assert.deepEqual(metadata.finalizers, ['example.com/hold']);
  assert.ok(
    written.conditions?.some(
      ({ type, reason }) => type === 'DisruptionTarget' && reason === disruption.reason,
    ),
  );
  await writer.stop();
  await world.close();
});

test('a condition keeps the time of its last change', async () => {
  const { clock, world, writer } = await open();
  const pod = await world.createPod('p', {});
  const since = async () =>
    (await world.pod('p')).status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  writer.want(pod, status('Running'), true);
  await clock.advance(10_000);
  const first = await since();
  writer.want(pod, status('Running', { podIP: '192.0.2.7' }), true);
  await clock.advance(10_000);
  assert.equal(await since(), first);
  writer.want(pod, status('Succeeded'), true);
  await clock.advance(50);
  assert.notEqual(await since(), first);
  await writer.stop();
  await world.close();
});

test('a pod that has ended never goes back', async () => {
  const { clock, world, writer } = await open();
  const pod = await world.createPod('p', {});
  writer.want(pod, status('Succeeded'), true);
  await clock.advance(50);
  writer.want(pod, status('Running'), true);
  await clock.advance(50);
  assert.equal((await world.pod('p')).status.phase, 'Succeeded');
  await writer.stop();
  await world.close();
});

test('a write that fails is tried again, and a pod that is gone is let go', async () => {
  const { clock, world } = await open();
  let broken = true;
  const client = Object.assign(Object.create(world.client) as typeof world.client, {
    get: world.client.get.bind(world.client),
    updateStatus: (...args: Parameters<typeof world.client.updateStatus>) =>
      broken ? Promise.reject(newServiceUnavailable('away')) : world.client.updateStatus(...args),
  });
  const writer = new StatusWriter({ client, clock, log: silent, retryPause: (ms) => sleep(clock, ms) });
  const pod = await world.createPod('p', {});
  writer.want(pod, status('Running'), true);
  await clock.advance(1000);
  broken = false;
  await clock.advance(20_000);
  assert.equal((await world.pod('p')).status.phase, 'Running');
  const gone = await world.createPod('q', {});
  await world.client.delete(PODS, 'default', 'q', { gracePeriodSeconds: 0 });
  writer.want(gone, status('Running'), true);
  const settled = writer.settled(gone.metadata.uid);
  await clock.advance(50);
  await settled;
  await writer.stop();
  await world.close();
});
