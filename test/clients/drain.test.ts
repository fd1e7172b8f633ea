/** Nodes that are taken out of service with the real kubectl. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer } from '../harness/server.ts';

const JOB = JSON.stringify({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'long', annotations: { 'longshore.dev/retry-delay': '1s..2s' } },
  spec: {
    completions: 4,
    parallelism: 4,
    completionMode: 'Indexed',
    podReplacementPolicy: 'Failed',
    backoffLimit: 20,
    template: {
      metadata: { annotations: { 'fake.longshore.dev/duration': '10m' } },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'c', image: 'i' }],
      },
    },
  },
});

test('kubectl cordons, drains, taints and uncordons nodes, and the Job goes on elsewhere', async (t) => {
  if (!requireKubectl(t)) return;
  await using server = await startServer(['--runtime', 'fake', '--fake-nodes', '2']);
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await server.kubectl(args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const made = await server.kubectl(['create', '-f', '-'], JOB);
  assert.equal(made.code, 0, made.stderr);
  const ready = async (): Promise<string> =>
    kubectl('wait', 'job/long', '--for=jsonpath={.status.ready}=4', '--timeout=40s');
  const runningOn = async (node: string): Promise<number> => {
    const selector = `--field-selector=status.phase=Running,spec.nodeName=${node}`;
    return (await kubectl('get', 'pods', selector, '-o', 'name')).split('\n').filter(Boolean).length;
  };
  await ready();

  await kubectl('cordon', 'fake-0');
  assert.match(await kubectl('get', 'node', 'fake-0', '--no-headers'), /Ready,SchedulingDisabled/);
  await kubectl(
    'wait',
    'node/fake-0',
    '--for=jsonpath={.spec.taints[0].key}=node.kubernetes.io/unschedulable',
    '--timeout=20s',
  );
  const drained = await kubectl('drain', 'fake-0', '--timeout=40s');
  assert.match(drained, /node\/fake-0 drained/);
  await ready();
  assert.deepEqual([await runningOn('fake-0'), await runningOn('fake-1')], [0, 4]);

  await kubectl('uncordon', 'fake-0');
  await kubectl('taint', 'node', 'fake-1', 'example.com/out=soon:NoExecute');
  // The Job's count of ready pods may still be that of before: the pods themselves tell.
  for (let left = 400; left > 0 && (await runningOn('fake-0')) < 4; left--) {
    await new Promise<void>((resolve) => {
      systemClock.after(100, resolve);
    });
  }
  assert.equal(await runningOn('fake-0'), 4);
  assert.equal(await runningOn('fake-1'), 0);
  await kubectl('taint', 'node', 'fake-1', 'example.com/out-');
});
