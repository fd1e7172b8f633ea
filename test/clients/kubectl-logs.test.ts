/** `kubectl logs` with each of its flags, on plain processes. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubectlSession } from '../harness/kubectl-session.ts';

const k = new KubectlSession(['--runtime', 'process']);

interface PodWish {
  readonly scripts: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly restartPolicy?: 'Never' | 'Always' | 'OnFailure';
}

/** Makes a pod and waits until `until` (a jsonpath with its value) is true of it. */
async function pod(name: string, { scripts, labels = {}, restartPolicy = 'Never' }: PodWish, until: string) {
  const containers = Object.entries(scripts).map(([container, script]) => ({
    name: container,
    image: 'busybox',
    command: ['sh', '-c', script],
  }));
  const spec = { restartPolicy, terminationGracePeriodSeconds: 1, containers };
  const made = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec };
  await k.run('create -f -', JSON.stringify(made));
  await k.run(`wait --for=jsonpath=${until} pod/${name} --timeout=60s`);
}

const SUCCEEDED = '{.status.phase}=Succeeded';
const numbers = (from: number, to: number, before = ''): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `${before}${from + index}\n`).join('');

k.test('kubectl logs shows all of a log, its last lines, its first bytes, and times', async () => {
  await pod('counted', { scripts: { main: 'seq 1 500' } }, SUCCEEDED);
  assert.equal(await k.run('logs counted'), numbers(1, 500));
  assert.equal(await k.run('logs counted --tail=3'), numbers(498, 500));
  assert.equal(await k.run('logs counted --tail=0'), '');
  assert.equal(await k.run('logs counted --tail=-1'), numbers(1, 500));
  assert.equal(await k.run('logs counted --limit-bytes=11'), '1\n2\n3\n4\n5\n6');
  assert.equal(await k.run('logs counted --tail=2 --limit-bytes=5'), '499\n5');
  const timed = await k.run('logs counted --timestamps --tail=2');
  assert.match(timed, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z 499\n\d{4}-\S+Z 500\n$/);
});

k.test('kubectl logs shows what was said since a time', async () => {
  // Kubernetes reads the time in whole seconds, so that the two lines lie in different ones.
  await pod('spaced', { scripts: { main: 'echo early; sleep 2; echo late' } }, SUCCEEDED);
  const lines = (await k.run('logs spaced --timestamps')).split('\n');
  const [early = '', late = ''] = lines.map((line) => line.split(' ')[0] ?? '');
  assert.equal(await k.run(`logs spaced --since-time=${late}`), 'late\n');
  assert.equal(await k.run(`logs spaced --since-time=${early}`), 'early\nlate\n');
  assert.equal(await k.run('logs spaced --since=1h'), 'early\nlate\n');
  assert.equal(await k.run('logs spaced --since-time=2090-01-01T00:00:00Z'), '');
  assert.match(await k.fails(`logs spaced --since=1s --since-time=${late}`), /at most one of/);
});

k.test('kubectl logs --previous shows the run before, and tells where there was none', async () => {
  const flag = `${k.server.dataDirectory}/again`;
  const script = `if [ -e ${flag} ]; then echo second; exec sleep 1000; fi; touch ${flag}; echo first; exit 1`;
  await pod(
    'restarted',
    { scripts: { main: script }, restartPolicy: 'OnFailure' },
    '{.status.containerStatuses[0].restartCount}=1',
  );
  await k.run('wait --for=jsonpath={.status.phase}=Running pod/restarted --timeout=60s');
  assert.equal(await k.run('logs restarted -p'), 'first\n');
  await pod('once', { scripts: { main: 'echo only' } }, SUCCEEDED);
  assert.equal(
    await k.fails('logs once -p'),
    'Error from server (BadRequest): previous terminated container "main" in pod "once" not found\n',
  );
});

k.test('kubectl logs tells containers and pods apart', async () => {
  const labels = { app: 'choir' };
  await pod('choir-1', { scripts: { high: 'seq 1 12', low: 'echo low' }, labels }, SUCCEEDED);
  await pod('choir-2', { scripts: { high: 'echo second' }, labels }, SUCCEEDED);
  assert.equal(await k.run('logs choir-1 -c low'), 'low\n');
  assert.equal(await k.run('logs choir-1 low'), 'low\n');
  const all = await k.run('logs choir-1 --all-containers --prefix --tail=1');
  // Which container comes first is left to chance by kubectl.
  const sorted = (text: string): string => text.split('\n').sort().join('\n');
  assert.equal(sorted(all), sorted('[pod/choir-1/high] 12\n[pod/choir-1/low] low\n'));
  // With a selector, the last ten lines of each.
  const chosen = await k.run('logs -l app=choir --all-containers');
  assert.equal(sorted(chosen), sorted(`${numbers(3, 12)}low\nsecond\n`));
  assert.match(await k.fails('logs choir-1 -c middle'), /container middle is not valid for pod choir-1/);
});

k.test('kubectl logs -f follows several containers to their ends', async () => {
  const go = join(k.server.dataDirectory, 'go');
  const script = `echo 1; until test -e ${go}; do sleep 0.05; done; echo 2; echo 3`;
  await pod('two', { scripts: { a: script, b: script }, labels: { app: 'two' } }, '{.status.phase}=Running');
  const following = k.run('logs -f --prefix --all-containers --ignore-errors two');
  writeFileSync(go, '');
  const said = await following;
  const of = (container: string): string[] =>
    said.split('\n').filter((line) => line.startsWith(`[pod/two/${container}] `));
  for (const container of ['a', 'b']) {
    assert.deepEqual(
      of(container),
      ['1', '2', '3'].map((number) => `[pod/two/${container}] ${number}`),
    );
  }
  assert.match(
    await k.fails('logs -f -l app=two --all-containers --max-log-requests=1'),
    /maximum allowed concurrency is 1/,
  );
});

k.test('kubectl logs -f carries megabytes whole while they are written', async () => {
  await pod('much', { scripts: { main: 'seq 1 400000' } }, '{.status.containerStatuses[0].containerID}');
  const said = await k.run('logs -f much');
  assert.ok(said === numbers(1, 400_000), `${said.length} letters came`);
});
