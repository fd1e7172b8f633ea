/**
 * What Kubernetes' own end-to-end suite expects of CronJobs, told anew: real containers, real kubectl, all at the same time,
 * under a server whose clock runs fast once it has started (libfaketime), since a CronJob's shortest wait is a minute.
 */
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CronJob, Job } from '../../src/apis/batch/types.ts';
import type { Event } from '../../src/apis/core/types.ts';
import { eventually } from '../harness/poll.ts';
import { unmet } from '../harness/requirement.ts';
import { openPodWorld, type PodWorld } from './pod-world.ts';

/** Where Debian's package libfaketime puts its library. */
const LIBRARY = '/usr/lib/*/faketime/libfaketime.so.1';
/** A minute of the server's takes six seconds. */
const SPEED = '+0 x10';

test('CronJobs behave as in the end-to-end scenarios of Kubernetes', {
  concurrency: true,
}, async (context) => {
  const [library] = globSync(LIBRARY);
  if (library === undefined) {
    unmet(context, 'libfaketime is not installed: apt-get install libfaketime');
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'longshore-clock-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const speed = join(directory, 'speed');
  writeFileSync(speed, '+0\n');
  const env = { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: speed, FAKETIME_CACHE_DURATION: '1' };
  await using world = await openPodWorld(context, ['--node-monitor-grace-period', '10m'], { env });
  if (world === undefined) return;
  writeFileSync(speed, `${SPEED}\n`);
  await world.apply('cron-scenarios');
  const scenarios = new Scenarios(world);
  await Promise.all([
    context.test('several Jobs of one CronJob run at a time', () => scenarios.sideBySide()),
    context.test('Forbid runs one at a time, and says what it skips', () => scenarios.oneAtATime()),
    context.test('Replace ends the one before', () => scenarios.theNewest()),
    context.test('a Job that is deleted is not active any more', () => scenarios.losesItsJob()),
    context.test('of the Jobs that succeeded the last one stays', () =>
      scenarios.keepsOne('keeps-a-success', 'Complete'),
    ),
    context.test('of the Jobs that failed the last one stays', () =>
      scenarios.keepsOne('keeps-a-failure', 'Failed'),
    ),
    context.test('a time zone that does not exist is refused', () => scenarios.noSuchZone()),
    context.test('every verb works on a CronJob and its status', () => scenarios.api()),
  ]);
  await context.test('while suspended, nothing was due', () => scenarios.suspended());
});

/** The scenarios, each on a CronJob of its own. */
class Scenarios {
  readonly #world: PodWorld;

  constructor(world: PodWorld) {
    this.#world = world;
  }

  async sideBySide(): Promise<void> {
    await this.#cronJobWhen('side-by-side', (each) => (each.status?.active?.length ?? 0) >= 2);
    const jobs = await this.#jobsWhen('side-by-side', (all) => all.filter(isRunning).length >= 2);
    for (const { metadata } of jobs) {
      const due = metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '';
      assert.match(due, /^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/);
    }
    const reasons = (await this.#events('side-by-side')).map(({ reason }) => reason);
    assert.ok(reasons.includes('SuccessfulCreate'));
    assert.deepEqual(
      reasons.filter((reason) => reason === 'MissingJob' || reason === 'UnexpectedJob'),
      [],
    );
    await this.#world.kubectl(['delete', 'cronjob', 'side-by-side']);
    await this.#jobsWhen('side-by-side', (all) => all.length === 0);
  }

  async oneAtATime(): Promise<void> {
    const { status } = await this.#cronJobWhen('one-at-a-time', (each) => each.status?.active?.length === 1);
    const [only] = status?.active ?? [];
    await this.#event('one-at-a-time', 'JobAlreadyActive');
    const after = await this.#cronJobWhen('one-at-a-time', () => true);
    assert.deepEqual(
      after.status?.active?.map(({ name }) => name),
      [only?.name],
    );
    assert.equal((await this.#jobs('one-at-a-time')).length, 1);
  }

  async theNewest(): Promise<void> {
    const [first] = await this.#jobsWhen('the-newest', (all) => all.some(isRunning));
    const jobs = await this.#jobsWhen(
      'the-newest',
      (all) => all.some(isRunning) && all.every(({ metadata }) => metadata.uid !== first?.metadata.uid),
    );
    assert.equal(jobs.filter(isRunning).length, 1);
  }

  async losesItsJob(): Promise<void> {
    const { status } = await this.#cronJobWhen('loses-its-job', (each) => each.status?.active?.length === 1);
    const name = status?.active?.[0]?.name ?? '';
    await this.#world.kubectl(['delete', 'job', name, '--cascade=foreground', '--timeout=30s']);
    await this.#cronJobWhen(
      'loses-its-job',
      (each) => each.status?.active?.every((job) => job.name !== name) ?? true,
    );
    await this.#event('loses-its-job', 'MissingJob');
  }

  async keepsOne(name: string, type: 'Complete' | 'Failed'): Promise<void> {
    const [first] = await this.#jobsWhen(name, (all) => all.some((job) => hasEnded(job, type)));
    await this.#jobsWhen(
      name,
      (all) =>
        all.some((job) => hasEnded(job, type) && job.metadata.uid !== first?.metadata.uid) &&
        all.every(({ metadata }) => metadata.uid !== first?.metadata.uid),
    );
    await this.#jobsWhen(name, (all) => all.filter((job) => hasEnded(job, type)).length === 1);
  }

  async noSuchZone(): Promise<void> {
    const text = await this.#world.kubectl(['get', 'cronjob', 'suspended', '-o', 'json']);
    const { apiVersion, kind, spec } = JSON.parse(text) as CronJob & { apiVersion: string; kind: string };
    const wrong = {
      apiVersion,
      kind,
      metadata: { name: 'no-zone' },
      spec: { ...spec, timeZone: 'bad-time-zone' },
    };
    const { code, stderr } = await this.#world.server.kubectl(['create', '-f', '-'], JSON.stringify(wrong));
    assert.equal(code, 1);
    assert.match(stderr, /spec\.timeZone: Invalid value: "bad-time-zone": unknown time zone bad-time-zone/);
  }

  async api(): Promise<void> {
    const of = (...args: readonly string[]): Promise<string> => this.#world.kubectl(args);
    const listed = await of('get', 'cronjobs', '-A', '-l', 'kind=special', '-o', 'name');
    assert.equal(listed, 'cronjob.batch/for-the-api\n');
    await of(
      'patch',
      'cronjob',
      'for-the-api',
      '--type=merge',
      '-p',
      '{"metadata":{"annotations":{"patched":"true"}}}',
    );
    const text = await of('get', 'cronjob', 'for-the-api', '-o', 'json');
    const read = JSON.parse(text) as CronJob;
    await of('annotate', 'cronjob', 'for-the-api', 'updated=true');
    const lastScheduleTime = '2026-01-01T00:00:00Z';
    const status = JSON.stringify({
      metadata: { annotations: { told: 'true' } },
      status: { lastScheduleTime },
    });
    await of('patch', 'cronjob', 'for-the-api', '--subresource=status', '--type=merge', '-p', status);
    const now = JSON.parse(
      await of('get', 'cronjob', 'for-the-api', '--subresource=status', '-o', 'json'),
    ) as CronJob;
    assert.equal(now.metadata.uid, read.metadata.uid);
    assert.equal(now.status?.lastScheduleTime, lastScheduleTime);
    const { patched, updated, told } = now.metadata.annotations ?? {};
    assert.deepEqual([patched, updated, told], ['true', 'true', 'true']);
    await of('delete', 'cronjobs', '-l', 'kind=special');
    assert.equal(await of('get', 'cronjobs', '-l', 'kind=special', '-o', 'name'), '');
  }

  /** Asked last, when others were due more than once. */
  async suspended(): Promise<void> {
    const { status } = await this.#cronJobWhen('suspended', () => true);
    assert.deepEqual(status ?? {}, {});
    assert.deepEqual(await this.#jobs('suspended'), []);
  }

  async #cronJobWhen(name: string, isReady: (cronJob: CronJob) => boolean): Promise<CronJob> {
    let last: CronJob | undefined;
    return eventually(
      async () => {
        last = JSON.parse(await this.#world.kubectl(['get', 'cronjob', name, '-o', 'json'])) as CronJob;
        return isReady(last) ? last : undefined;
      },
      () => `cronjob ${name} stays at ${JSON.stringify(last?.status)}`,
    );
  }

  async #jobs(cronJob: string): Promise<readonly Job[]> {
    const text = await this.#world.kubectl(['get', 'jobs', '-o', 'json']);
    const { items } = JSON.parse(text) as { readonly items: readonly Job[] };
    return items.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === cronJob);
  }

  async #jobsWhen(cronJob: string, isReady: (jobs: readonly Job[]) => boolean): Promise<readonly Job[]> {
    let last: readonly Job[] = [];
    return eventually(
      async () => {
        last = await this.#jobs(cronJob);
        return isReady(last) ? last : undefined;
      },
      () => `the jobs of ${cronJob} stay at ${JSON.stringify(last.map(({ status }) => status))}`,
    );
  }

  async #events(name: string): Promise<readonly Event[]> {
    const selector = `involvedObject.kind=CronJob,involvedObject.name=${name}`;
    const text = await this.#world.kubectl(['get', 'events', '--field-selector', selector, '-o', 'json']);
    return (JSON.parse(text) as { readonly items: readonly Event[] }).items;
  }

  async #event(name: string, reason: string): Promise<void> {
    let seen: readonly (string | undefined)[] = [];
    await eventually(
      async () => {
        seen = (await this.#events(name)).map((each) => each.reason);
        return seen.includes(reason) || undefined;
      },
      () => `cronjob ${name} has no event ${reason}, but ${seen.join(' ')}`,
    );
  }
}

const isRunning = ({ status, metadata }: Job): boolean =>
  (status.active ?? 0) > 0 && metadata.deletionTimestamp === undefined;

const hasEnded = ({ status }: Job, how: 'Complete' | 'Failed'): boolean =>
  status.conditions?.some(({ type, status: holds }) => type === how && holds === 'True') ?? false;
