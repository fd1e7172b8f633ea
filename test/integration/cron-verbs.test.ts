/** `longshore cron next`, `trigger` and `history`, as a user runs them. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sleep, systemClock } from '../../src/apimachinery/clock.ts';
import type { Run } from '../../src/cli/cronjob/cron-run.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { execute, LONGSHORE, type Outcome, startServer } from '../harness/server.ts';

const longshore = (args: readonly string[], input?: string, env?: NodeJS.ProcessEnv): Promise<Outcome> =>
  execute(process.execPath, [LONGSHORE, ...args], {
    ...(input === undefined ? {} : { input }),
    ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
  });

const EXAMPLE = join(import.meta.dirname, '../../examples/cronjob.yaml');

/** A CronJob that comes due in a year from now at the earliest, which is long enough for a test. */
function cronJob(name: string, script: string, spec: object = {}): string {
  const month = ((new Date().getUTCMonth() + 10) % 12) + 1;
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: {
      schedule: `0 0 1 ${month} *`,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [{ name: 'c', image: 'i', command: ['sh', '-c', script] }],
            },
          },
        },
      },
      ...spec,
    },
  });
}

test('cron next prints what a schedule means and its next times, in the zone and in UTC', async () => {
  const args = ['--timezone', 'Europe/Berlin', '--from', '2026-03-27T12:00:00Z', '--count', '2'];
  const { code, stdout, stderr } = await longshore(['cron', 'next', '30 2 * * 1-5', ...args]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(stdout.split('\n'), [
    'at 02:30 on Monday through Friday (Europe/Berlin)',
    'Mon 2026-03-30T02:30:00+02:00  2026-03-30T00:30:00Z',
    'Tue 2026-03-31T02:30:00+02:00  2026-03-31T00:30:00Z',
    '',
  ]);
  const json = await longshore(['cron', 'next', '30 2 * * 1-5', ...args, '-o', 'json']);
  assert.deepEqual(JSON.parse(json.stdout), {
    schedule: '30 2 * * 1-5',
    timeZone: 'Europe/Berlin',
    from: '2026-03-27T12:00:00Z',
    meaning: 'at 02:30 on Monday through Friday',
    next: ['2026-03-30T00:30:00Z', '2026-03-31T00:30:00Z'],
    local: ['2026-03-30T02:30:00+02:00', '2026-03-31T02:30:00+02:00'],
  });
});

test('cron next takes the zone of the schedule itself, and else that of the machine', async () => {
  const from = ['--from', '2026-01-01T00:00:00Z', '--count', '1'];
  const own = await longshore(['cron', 'next', 'TZ=Asia/Tokyo @daily', ...from]);
  assert.match(
    own.stdout,
    /^at 00:00 every day \(Asia\/Tokyo\)\nFri 2026-01-02T00:00:00\+09:00 {2}2026-01-01T15:00:00Z\n$/,
  );
  const machine = await longshore(['cron', 'next', '@daily', ...from], undefined, { TZ: 'America/New_York' });
  assert.match(
    machine.stdout,
    /\(America\/New_York\)\nThu 2026-01-01T00:00:00-05:00 {2}2026-01-01T05:00:00Z\n$/,
  );
  const never = await longshore(['cron', 'next', '0 0 31 2 *', ...from]);
  assert.match(never.stdout, /^at 00:00 on the 31st of February \(.+\)\nno time within five years\n$/);
});

test('cron next refuses in one line, in the words that Kubernetes has', async () => {
  const refused: readonly (readonly [readonly string[], string])[] = [
    [['60 * * * *'], 'end of range (60) above maximum (59): 60'],
    [['* * * *'], 'expected exactly 5 fields, found 4: [* * * *]'],
    [['@reboot'], 'unrecognized descriptor: @reboot'],
    [['@daily', '--timezone', 'Mars/Base'], 'provided bad location Mars/Base: unknown time zone Mars/Base'],
    [
      ['@daily', '--from', 'tomorrow'],
      'from "tomorrow" is no RFC 3339 time, such as 2026-03-29T00:00:00+01:00',
    ],
    [['@daily', '--count', '0'], '--count must be from 1 to 1000000'],
    [['@daily', '-o', 'yaml'], "unknown output format 'yaml': use json"],
    [['@daily', '--stdin'], 'give a schedule or --stdin, not both'],
  ];
  for (const [args, message] of refused) {
    const { code, stdout, stderr } = await longshore(['cron', 'next', ...args]);
    assert.deepEqual([code, stdout, stderr], [2, '', `longshore: ${message}\n`]);
  }
});

test('cron next --stdin answers each line, one that makes no sense with its error', async () => {
  const lines = [
    '{"schedule":"@daily","timeZone":"Asia/Tokyo","from":"2026-01-01T00:00:00Z"}',
    '',
    '{"schedule":"61 * * * *","timeZone":"UTC","from":"2026-01-01T00:00:00Z"}',
    '{"schedule":"@daily","timeZone":7}',
    'nonsense',
    '{"timeZone":"UTC"}',
  ];
  const { code, stdout } = await longshore(['cron', 'next', '--stdin', '--count', '1'], lines.join('\n'));
  assert.equal(code, 0);
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [
      {
        schedule: '@daily',
        timeZone: 'Asia/Tokyo',
        from: '2026-01-01T00:00:00Z',
        next: ['2026-01-01T15:00:00Z'],
      },
      {
        schedule: '61 * * * *',
        timeZone: 'UTC',
        from: '2026-01-01T00:00:00Z',
        error: 'end of range (61) above maximum (59): 61',
      },
      { schedule: '@daily', timeZone: 7, error: 'timeZone must be a text' },
      { error: 'the line is no JSON object like {"schedule":"@daily","timeZone":"Europe/Berlin"}' },
      { timeZone: 'UTC', error: 'schedule is missing' },
    ],
  );
});

const RECORDING = new URL('../../../shared/oracle/cron-next.jsonl', import.meta.url);

test('cron next --stdin agrees with every recorded line', { skip: !existsSync(RECORDING) }, async () => {
  const recording = readFileSync(RECORDING, 'utf8');
  const { stdout } = await longshore(['cron', 'next', '--stdin'], recording);
  const answers = stdout.trim().split('\n');
  const lines = recording.trim().split('\n');
  assert.equal(answers.length, lines.length);
  for (const [at, line] of lines.entries()) {
    const { error, next, ...asked } = JSON.parse(line) as { error?: boolean; next?: string[] | null };
    const answer = JSON.parse(answers[at] ?? '') as { error?: string };
    if (error) assert.equal(typeof answer.error, 'string', line);
    else assert.deepEqual(answer, { ...asked, next: next ?? [] }, line);
  }
});

test('trigger --follow starts the example at once, prints its logs and ends with its result', async (t) => {
  if (!requireKubectl(t)) return;
  await using server = await startServer(['--runtime', 'process']);
  const at = ['--data-dir', server.dataDirectory];
  const applied = await server.kubectl(['apply', '-f', EXAMPLE]);
  assert.equal(applied.code, 0, applied.stderr);
  const followed = await longshore(['trigger', 'cronjob/nightly-report', '--follow', ...at]);
  assert.equal(followed.code, 0, followed.stderr);
  const [job = ''] = followed.stdout.split('\n');
  assert.match(job, /^nightly-report-[0-9a-f]{10}$/);
  assert.match(followed.stdout, /\[nightly-report-\S+\] report of \d{4}-\d\d-\d\d\n/);
  assert.match(followed.stdout, /Complete {2}1\/1 succeeded/);

  const again = await longshore(['trigger', 'cj/nightly-report', '--kubeconfig', server.kubeconfig]);
  assert.equal(again.code, 0, again.stderr);
  assert.notEqual(again.stdout.trim(), job);
  await server.kubectl(['wait', '--for=condition=complete', `job/${again.stdout.trim()}`, '--timeout=30s']);
  const { stdout } = await longshore(['history', 'cronjob/nightly-report', '-o', 'json', ...at]);
  const runs = JSON.parse(stdout) as readonly Run[];
  // Both may have begun within one second; what then decides their order are Events that may still be on their way.
  assert.deepEqual(
    new Map(runs.map(({ job: name, cause, result, retries }) => [name, [cause, result, retries]])),
    new Map([job, again.stdout.trim()].map((name) => [name, ['run-now', 'Complete', 0]])),
  );
  const table = await longshore(['history', 'cronjob/nightly-report', ...at]);
  assert.match(
    table.stdout,
    /^SCHEDULED FOR +STARTED +ENDED +RESULT +RETRIES +CPU +MEMORY +JOB +WHY\nrun-now +2\S+Z +2\S+Z +Complete +0 +(?:-|[\d.]+ s) +(?:-|\d+ MiB) +nightly-report-/,
  );
});

test('trigger --follow ends with 1 when the Job fails, and history says why', async (t) => {
  if (!requireKubectl(t)) return;
  await using server = await startServer(['--runtime', 'process']);
  const at = ['--data-dir', server.dataDirectory];
  await server.kubectl(['create', '-f', '-'], cronJob('broken', 'echo so close; exit 3', { suspend: true }));
  const { code, stdout, stderr } = await longshore(['trigger', 'cronjob/broken', '--follow', ...at]);
  assert.equal(code, 1, stderr);
  assert.match(stdout, /so close/);
  assert.match(stderr, /failed: BackoffLimitExceeded: .*\n.*exited with code 3/);
  const history = await longshore(['history', 'cronjob/broken', '-o', 'json', ...at]);
  const [run] = JSON.parse(history.stdout) as readonly Run[];
  assert.deepEqual(
    [run?.result, run?.retries, run?.why],
    ['Failed', 0, 'BackoffLimitExceeded: Job has reached the specified backoff limit'],
  );
});

test('trigger is held to the concurrency policy: refused with the reason, and history keeps it', async (t) => {
  if (!requireKubectl(t)) return;
  await using server = await startServer(['--runtime', 'process']);
  const at = ['--data-dir', server.dataDirectory];
  await server.kubectl(['create', '-f', '-'], cronJob('slow', 'sleep 60', { concurrencyPolicy: 'Forbid' }));
  const first = await longshore(['trigger', 'cronjob/slow', ...at]);
  assert.equal(first.code, 0, first.stderr);
  const second = await longshore(['trigger', 'cronjob/slow', ...at]);
  assert.deepEqual([second.code, second.stdout], [2, '']);
  assert.match(
    second.stderr,
    /^longshore: No run for .*an earlier run was still active and the concurrency policy is Forbid\n$/,
  );
  const { stdout } = await longshore(['history', 'cronjob/slow', '-o', 'json', ...at]);
  const runs = JSON.parse(stdout) as readonly Run[];
  // The Job's start may be noted after the second request was refused, so that either may be listed first.
  assert.deepEqual(
    new Map(runs.map(({ result, cause }) => [result, cause])),
    new Map([
      ['Running', 'run-now'],
      ['Missed', 'run-now'],
    ]),
  );
  await server.kubectl(['delete', 'cronjob', 'slow', '--wait=false']);
});

test('history tells of the times that came due while no server ran, for each policy and deadline', async (t) => {
  if (!requireKubectl(t)) return;
  const data = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  const specs = ['Allow', 'Forbid', 'Replace'].flatMap((concurrencyPolicy) => [
    { concurrencyPolicy },
    { concurrencyPolicy, startingDeadlineSeconds: 1 },
  ]);
  const first = await startServer(['--runtime', 'fake', '--fake-nodes', '1'], data);
  for (const [at, spec] of specs.entries()) {
    const made = cronJob(`cj-${at}`, 'true', { schedule: '@every 1s', ...spec });
    const created = await first.kubectl(['create', '-f', '-'], made);
    assert.equal(created.code, 0, created.stderr);
  }
  await first.stop();
  // A schedule knows no shorter span than a second, and here it is the real server's own clock that goes on.
  await sleep(systemClock, 3000);
  await using second = await startServer(['--runtime', 'fake', '--fake-nodes', '1'], data);
  for (const [at, spec] of specs.entries()) {
    const told = JSON.stringify(spec);
    let down: Run | undefined;
    for (let tries = 0; down === undefined && tries < 20; tries++) {
      await sleep(systemClock, 100);
      const { stdout } = await longshore([
        'history',
        `cronjob/cj-${at}`,
        '-o',
        'json',
        '--kubeconfig',
        second.kubeconfig,
      ]);
      down = (JSON.parse(stdout) as readonly Run[]).find(({ why }) => why?.includes('server was down'));
    }
    assert.deepEqual([down?.result, down?.cause], ['Missed', 'schedule'], told);
    assert.ok((down?.missed ?? 1) >= 2, `${told}: ${down?.missed}`);
  }
});

test('trigger and history refuse in one line: no server, no CronJob, no such kind', async () => {
  await using server = await startServer(['--runtime', 'none']);
  const at = ['--data-dir', server.dataDirectory];
  for (const verb of ['trigger', 'history']) {
    const missing = await longshore([verb, 'cronjob/none', ...at]);
    assert.deepEqual([missing.code, missing.stderr], [2, 'longshore: cronjobs.batch "none" not found\n']);
    const kind = await longshore([verb, 'pod/x', ...at]);
    assert.deepEqual(
      [kind.code, kind.stderr],
      [2, "longshore: 'pod/x' names no CronJob: write cronjob/NAME\n"],
    );
    const nowhere = await longshore([verb, 'cronjob/x', '--data-dir', join(server.dataDirectory, 'none')]);
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.stderr, /^longshore: no server runs on .*: start one with 'longshore up'.*\n$/);
  }
});
