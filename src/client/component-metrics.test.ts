import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../apimachinery/clock.ts';
import { InvariantError } from '../apimachinery/invariant.ts';
import { ComponentMetrics } from './component-metrics.ts';
import { newWorkqueue } from './key-queue.ts';

test('the series of a name stand together, with the values of the moment they are looked at', () => {
  const metrics = new ComponentMetrics();
  let lost = 0;
  const kinds = { name: 'lost_total', type: 'counter', help: 'Things lost.' } as const;
  metrics.expose({ ...kinds, labels: { kind: 'key', at: 'home' }, read: () => lost });
  metrics.expose({ name: 'people', type: 'gauge', help: 'People here.', read: () => 2 });
  metrics.expose({ ...kinds, labels: { kind: 'a "hat"' }, read: () => 7 });
  lost = 3;
  assert.deepEqual(metrics.text().split('\n'), [
    '# HELP lost_total Things lost.',
    '# TYPE lost_total counter',
    'lost_total{at="home",kind="key"} 3',
    'lost_total{kind="a \\"hat\\""} 7',
    '# HELP people People here.',
    '# TYPE people gauge',
    'people 2',
    '',
  ]);
});

test('a series exposed again takes the place of the one before', () => {
  const metrics = new ComponentMetrics();
  const series = { name: 'n', type: 'gauge', help: 'N.' } as const;
  metrics.expose({ ...series, labels: { a: '1', b: '2' }, read: () => 1 });
  metrics.expose({ ...series, labels: { b: '2', a: '1' }, read: () => 2 });
  assert.equal(metrics.text(), '# HELP n N.\n# TYPE n gauge\nn{a="1",b="2"} 2\n');
  assert.throws(() => metrics.expose({ ...series, type: 'counter', read: () => 0 }), InvariantError);
});

test('a workqueue shows how many keys wait, came and came again', async () => {
  const metrics = new ComponentMetrics();
  const clock = new VirtualClock();
  const queue = newWorkqueue({ name: 'q', clock, metrics });
  const values = () => metrics.text().match(/(?<=^workqueue_\w+\{name="q"\} )\d+$/gm);
  assert.deepEqual(values(), ['0', '0', '0']);
  for (const key of ['a', 'b', 'c', 'c']) queue.add(key);
  await queue.take();
  assert.deepEqual(values(), ['2', '3', '0']);
  queue.done('a');
  queue.addRateLimited('a');
  await clock.advance(1000);
  assert.deepEqual(values(), ['3', '4', '1']);
  queue.shutDown();
});
