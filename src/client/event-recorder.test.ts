import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiAnswer, ApiRequest, Transport } from '../apimachinery/api-request.ts';
import { VirtualClock } from '../apimachinery/clock.ts';
import { newAlreadyExists, newNotFound } from '../apimachinery/status-error.ts';
import type { Event } from '../apis/core/types.ts';
import type { Event as ReportedEvent } from '../apis/events/index.ts';
import { EventSink } from './event-recorder.ts';
import { silent } from './testing/silent-log.ts';
import { newClient } from './typed-client.ts';

/** A server that keeps events alone. */
class EventServer implements Transport {
  readonly events = new Map<string, Event>();
  writes = 0;
  async send({ verb, name, body }: ApiRequest): Promise<ApiAnswer> {
    this.writes += 1;
    const key = name ?? (body as Event).metadata.name;
    const old = this.events.get(key);
    if (verb === 'patch' && old === undefined) throw newNotFound('', 'events', key);
    if (verb === 'create' && old !== undefined) throw newAlreadyExists('', 'events', key);
    const object = { ...old, ...(body as Event) };
    this.events.set(key, object);
    return { kind: 'object', code: 200, object };
  }
  watch(): Promise<never> {
    return Promise.reject(new Error('nobody watches events here'));
  }
}

const about = (name: string, kind = 'Job') => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'v1',
  kind,
  metadata: {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '5',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
});

function rig() {
  const server = new EventServer();
  const clock = new VirtualClock();
  const sink = new EventSink({ client: newClient(server), clock, log: silent });
  return { server, clock, sink, recorder: sink.recorder('job-controller') };
}

test('an event is written as client-go writes it', async () => {
  const { server, clock, sink } = rig();
  sink.recorder('kubelet', 'node-1').event(about('pi'), 'Normal', 'Started', 'Container started', 'spec.x');
  await clock.advance(0);
  const [event] = server.events.values();
  assert.match(event?.metadata.name ?? '', /^pi\.18[0-9a-f]{14}$/);
  assert.deepEqual(
    { ...event, metadata: { namespace: event?.metadata.namespace } },
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace: 'default' },
      involvedObject: {
        kind: 'Job',
        namespace: 'default',
        name: 'pi',
        uid: 'uid-pi',
        apiVersion: 'batch/v1',
        resourceVersion: '5',
        fieldPath: 'spec.x',
      },
      type: 'Normal',
      reason: 'Started',
      message: 'Container started',
      source: { component: 'kubelet', host: 'node-1' },
      reportingComponent: 'kubelet',
      reportingInstance: 'node-1',
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 1,
    },
  );
  await sink.stop();
});

test('the same event again counts up, also when it was deleted meanwhile', async () => {
  const { server, clock, sink, recorder } = rig();
  for (let at = 0; at < 3; at++) {
    recorder.event(about('pi'), 'Warning', 'BackOff', 'again');
    await clock.advance(1000);
  }
  assert.deepEqual(
    [...server.events.values()].map(({ count, firstTimestamp, lastTimestamp }) => [
      count,
      firstTimestamp,
      lastTimestamp,
    ]),
    [[3, '2026-01-01T00:00:00Z', '2026-01-01T00:00:02Z']],
  );
  server.events.clear();
  recorder.event(about('pi'), 'Warning', 'BackOff', 'again');
  await clock.advance(0);
  assert.equal([...server.events.values()][0]?.count, 4);
  await sink.stop();
});

test('two thousand pods of one Job mean nine events and one that combines the rest', async () => {
  const { server, clock, sink, recorder } = rig();
  for (let at = 0; at < 2000; at++) {
    recorder.event(about('big'), 'Normal', 'SuccessfulCreate', `Created pod: big-${at}`);
  }
  await clock.advance(1000);
  assert.equal(server.events.size, 10);
  const combined = [...server.events.values()].at(-1);
  assert.equal(combined?.message, '(combined from similar events): Created pod: big-24');
  assert.equal(combined?.count, 16);
  assert.ok(server.writes <= 25, `${server.writes} writes`);
  await sink.stop();
});

test('a source may write 25 events about an object at once, then one each five minutes', async () => {
  const { server, clock, sink, recorder } = rig();
  for (let at = 0; at < 40; at++) recorder.event(about('pi'), 'Normal', `Reason${at}`, 'text');
  recorder.event(about('other'), 'Normal', 'Fine', 'text');
  await clock.advance(1000);
  assert.equal(server.events.size, 26);
  await clock.advance(600_000);
  for (let at = 50; at < 60; at++) recorder.event(about('pi'), 'Normal', `Reason${at}`, 'text');
  await clock.advance(1000);
  assert.equal(server.events.size, 28);
  await sink.stop();
});

test('a flood is cut to the limits, told in a counter, and leaves nothing running', async () => {
  const { server, clock, sink, recorder } = rig();
  for (let at = 0; at < 5000; at++) recorder.event(about(`pod-${at}`), 'Normal', 'Scheduled', 'assigned');
  await clock.advance(30_000);
  assert.ok(server.events.size >= 1000 && server.events.size <= 2100, `${server.events.size} events`);
  assert.equal(server.events.size + sink.dropped, 5000);
  await sink.stop();
  recorder.event(about('late'), 'Normal', 'Late', 'late');
  await clock.advance(1000);
  assert.equal(clock.pending, 0);
});

test('in a flood of what pods ordinarily say, warnings and the events of Jobs still get through', async () => {
  const { server, clock, sink, recorder } = rig();
  for (let at = 0; at < 5000; at++) {
    recorder.event(about(`pod-${at}`, 'Pod'), 'Normal', 'Scheduled', 'assigned');
  }
  recorder.event(about('pod-x', 'Pod'), 'Warning', 'FailedScheduling', 'no room');
  recorder.event(about('pi'), 'Normal', 'Completed', 'Job completed');
  await clock.advance(200);
  const reasons = new Set([...server.events.values()].map(({ reason }) => reason));
  assert.deepEqual(reasons, new Set(['Scheduled', 'FailedScheduling', 'Completed']));
  await clock.advance(30_000);
  assert.equal(server.events.size + sink.dropped, 5002);
  await sink.stop();
});

test('a report is written once; its second time makes it a series, and further ones only count until it is quiet', async () => {
  const { server, clock, sink } = rig();
  const reporter = sink.reporter('default-scheduler', 'default-scheduler-box');
  const say = async (note: string, name = 'pi'): Promise<void> => {
    const words = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note } as const;
    reporter.report({ regarding: about(name, 'Pod'), ...words });
    await clock.advance(1000);
  };
  const shown = (): unknown[] =>
    [...server.events.values()].map((event) => {
      const { note, series } = event as unknown as ReportedEvent;
      return [event.metadata.name.split('.')[0], note, series?.count, series?.lastObservedTime];
    });
  await say('no room');
  assert.deepEqual(shown(), [['pi', 'no room', undefined, undefined]]);
  await say('still no room');
  assert.deepEqual(shown(), [['pi', 'no room', 2, '2026-01-01T00:00:01.000000Z']]);
  for (let at = 0; at < 8; at++) await say('never');
  await say('no room', 'other');
  assert.equal(server.writes, 3, 'they only count');
  await clock.advance(2 * 360_000);
  assert.deepEqual(shown(), [
    ['pi', 'no room', 10, '2026-01-01T00:00:09.000000Z'],
    ['other', 'no room', undefined, undefined],
  ]);
  assert.equal(clock.pending, 0, 'nobody looks for what is forgotten');
  await sink.stop();
});

test('a series whose event is gone is written whole, and one that goes on is told each half an hour', async () => {
  const { server, clock, sink } = rig();
  const reporter = sink.reporter('default-scheduler', 'default-scheduler-box');
  const words = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note: 'no' } as const;
  const count = (): number | undefined => [...server.events.values()][0]?.series?.count;
  for (let at = 0; at < 31; at++) {
    reporter.report({ regarding: about('pi', 'Pod'), ...words });
    if (at === 0) {
      await clock.advance(0);
      server.events.clear();
    }
    await clock.advance(60_000);
    if (at === 1) assert.equal(count(), 2);
  }
  assert.equal(count(), 30);
  await sink.stop();
  assert.equal(clock.pending, 0);
});
