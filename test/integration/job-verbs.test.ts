/** `longshore wait` and `longshore why`, as a user runs them against a running server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JOBS } from '../../src/client/index.ts';
import { connect } from '../../src/cluster/index.ts';
import { execute, LONGSHORE, startServer } from '../harness/server.ts';

const longshore = (...args: string[]) => execute(process.execPath, [LONGSHORE, ...args]);

test('wait ends with the result of the Job, or when its time is up; why tells the reasons', async () => {
  await using server = await startServer(['--runtime', 'process']);
  const connection = await connect(server.kubeconfig);
  const create = (name: string, script: string, more: object = {}) =>
    connection.client.create(JOBS, 'default', {
      metadata: { name },
      spec: {
        backoffLimit: 0,
        ...more,
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [{ name: 'c', image: 'i', command: ['sh', '-c', script] }],
          },
        },
      },
    });
  try {
    await create('good', 'sleep 0.3');
    await create('bad', 'echo went wrong; exit 3');
    await create('retried', 'exit 4', { backoffLimit: 3 });
    await create('stuck', 'true', { suspend: true });
  } finally {
    connection.close();
  }
  const here = ['--data-dir', server.dataDirectory];

  const good = await longshore('wait', 'job/good', ...here);
  assert.deepEqual([good.code, good.stdout], [0, 'job/good is complete: 1 succeeded\n'], good.stderr);
  const bad = await longshore('wait', 'jobs/bad', '--kubeconfig', server.kubeconfig);
  assert.equal(bad.code, 1);
  assert.equal(
    bad.stderr,
    'job/bad failed: BackoffLimitExceeded: Job has reached the specified backoff limit\n',
  );
  const stuck = await longshore('wait', 'job/stuck', '--timeout', '1s', ...here);
  assert.equal(stuck.code, 2);
  assert.match(stuck.stderr, /^job\/stuck has not ended within 1s: stuck {2}Suspended .*\n$/);

  assert.match((await longshore('why', 'job/good', ...here)).stdout, /^Job good is complete/);
  const why = await longshore('why', 'job/bad', ...here);
  assert.match(why.stdout, /^Job bad failed: BackoffLimitExceeded/);
  assert.match(
    why.stdout,
    /^The last failure was pod bad-\w{5}: container c exited with code 3 \(Error\)\.$/m,
  );
  assert.match(why.stdout, /^It printed last:\n {2}went wrong$/m);
  const retried = await longshore('why', 'job/retried', ...here);
  assert.match(retried.stdout, /^After 1 failure in a row it tries again in \d+s\.$/m);
  assert.match(retried.stdout, /^1 of 3 failures that it survives are used up \(backoffLimit\)\.$/m);
  assert.match((await longshore('why', 'job/stuck', ...here)).stdout, /^Job stuck is suspended/);
});

test('wait and why refuse what they cannot use in one line, with exit code 2', async () => {
  await using server = await startServer(['--runtime', 'none']);
  const here = ['--data-dir', server.dataDirectory];
  for (const [args, message] of [
    [['why', 'pod/x', ...here], "longshore: 'pod/x' names no Job: write job/NAME\n"],
    [['wait', 'job/x', ...here], 'longshore: jobs.batch "x" not found\n'],
    [
      ['wait', 'job/x', '--timeout', 'soon', ...here],
      "longshore: --timeout 'soon' is no span of time: write one such as 90s, 5m or 1h30m\n",
    ],
  ] as const) {
    const { code, stderr } = await longshore(...args);
    assert.deepEqual([code, stderr], [2, message]);
  }
});
