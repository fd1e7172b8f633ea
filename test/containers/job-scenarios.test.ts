/** What Kubernetes' own end-to-end suite expects of Jobs, told anew: real containers, real kubectl, all at the same time. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Job, JobStatus } from '../../src/apis/batch/types.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { eventually } from '../harness/poll.ts';
import { openPodWorld, type PodWorld } from './pod-world.ts';

test('Jobs behave as in the end-to-end scenarios of Kubernetes', { concurrency: true }, async (context) => {
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  const directory = join(world.engine.directory, 'shared');
  mkdirSync(directory);
  await world.apply('job-scenarios', { DIRECTORY: directory });
  const scenarios = new Scenarios(world, directory);
  await Promise.all([
    context.test('all pods succeed', () => scenarios.allSucceed()),
    context.test('what fails is restarted in its pod', () => scenarios.locallyRestarted()),
    context.test('what fails gets another pod', () => scenarios.notLocallyRestarted()),
    context.test('a pod knows its index', () => scenarios.knowsItsIndex()),
    context.test('indexes fail on their own', () => scenarios.failsPerIndex()),
    context.test('too many failed indexes end the Job', () => scenarios.tooManyFailedIndexes()),
    context.test('the first failed index may end the Job', () => scenarios.firstFailedIndex()),
    context.test('a rule gives up an index at once', () => scenarios.indexGivenUp()),
    context.test('a rule fails the Job at once', () => scenarios.failedByRule()),
    context.test('a failure that a rule ignores does not count', () => scenarios.ignoredByRule()),
    context.test('no rule applies to a container that its pod restarts', () => scenarios.restartedFirst()),
    context.test('a pod may be replaced only once it has failed', () => scenarios.replacedWhenFailed()),
    context.test('an evicted pod does not count where a rule says so', () => scenarios.disrupted()),
    context.test('enough succeeded indexes complete the Job', () => scenarios.enoughSucceeded()),
    context.test('all indexes may be what success takes', () => scenarios.allIndexes()),
    context.test('any index may be what success takes', () => scenarios.oneIndex()),
    context.test('a suspended Job starts when it is resumed', () => scenarios.bornSuspended()),
    context.test('a Job that is suspended at work loses its pods', () => scenarios.suspendedAtWork()),
    context.test('an orphan is adopted, and what matches no more is released', () => scenarios.adopting()),
    context.test('the pods of a deleted Job go with it', () => scenarios.deletedAtWork()),
    context.test('the status counts ready pods', () => scenarios.countsTheReady()),
    context.test('no pod of a suspended Job is ready', () => scenarios.readyAsAsked()),
    context.test('a Job of another controller is left alone', () => scenarios.somebodyElses()),
    context.test('a suspended Job may ask for more, also once it has started', () => scenarios.givenMore()),
    context.test('a Job is patched, watched, listed and deleted by label', () => scenarios.handled()),
    context.test('a Job has a deadline', () => scenarios.outOfTime()),
    context.test('a Job runs out of tries', () => scenarios.outOfTries()),
    context.test('an Indexed Job shrinks and grows', () => scenarios.elastic()),
    context.test('a finished Job goes when its time is over', () => scenarios.goneInTime()),
  ]);
});

/** What a look at the cluster showed. */
interface Seen {
  readonly jobs: readonly Job[];
  readonly pods: readonly Pod[];
}

/** The scenarios, each on a Job of its own. */
class Scenarios {
  readonly #world: PodWorld;
  /** What the hostPath volumes of the manifest show. */
  readonly #directory: string;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<Seen> | undefined;

  constructor(world: PodWorld, directory: string) {
    this.#world = world;
    this.#directory = directory;
  }

  async allSucceed(): Promise<void> {
    const { succeeded, failed } = await this.#ended('all-succeed', 'Complete');
    assert.deepEqual([succeeded, failed], [4, undefined]);
  }

  async locallyRestarted(): Promise<void> {
    const { succeeded, failed } = await this.#ended('locally-restarted', 'Complete');
    assert.deepEqual([succeeded, failed], [2, undefined]);
    const restarts = (await this.#pods('locally-restarted')).map(
      ({ status }) => status.containerStatuses?.[0]?.restartCount,
    );
    assert.deepEqual(restarts, [1, 1]);
  }

  async notLocallyRestarted(): Promise<void> {
    const { succeeded, failed } = await this.#ended('not-locally-restarted', 'Complete');
    assert.deepEqual([succeeded, failed], [1, 1]);
  }

  async knowsItsIndex(): Promise<void> {
    const { completedIndexes } = await this.#ended('knows-its-index', 'Complete');
    assert.equal(completedIndexes, '0-2');
    for (const pod of await this.#pods('knows-its-index')) {
      const index = pod.metadata.labels?.['batch.kubernetes.io/job-completion-index'] ?? '';
      assert.deepEqual(await this.#world.lines(pod.metadata.name), [`${index} knows-its-index-${index}`]);
    }
  }

  async failsPerIndex(): Promise<void> {
    const status = await this.#ended('fails-per-index', 'Failed');
    assert.deepEqual([status.completedIndexes, status.failedIndexes], ['0,2', '1,3']);
    assert.deepEqual([status.succeeded, status.failed], [2, 4]);
    assert.equal(reasonOf(status, 'Failed'), 'FailedIndexes');
    const tries = (await this.#pods('fails-per-index'))
      .filter((pod) => pod.status.phase === 'Failed')
      .map(({ metadata: { annotations = {} } }) => [
        annotations['batch.kubernetes.io/job-completion-index'],
        annotations['batch.kubernetes.io/job-index-failure-count'],
      ]);
    assert.deepEqual(tries.map(String).toSorted(), ['1,0', '1,1', '3,0', '3,1']);
  }

  async firstFailedIndex(): Promise<void> {
    const { failedIndexes, failed } = await this.#ended('first-failed-index-ends-it', 'Failed');
    assert.deepEqual([failedIndexes, failed], ['0', 1]);
  }

  async ignoredByRule(): Promise<void> {
    const { succeeded, failed } = await this.#ended('ignored-by-rule', 'Complete');
    assert.deepEqual([succeeded, failed], [1, undefined]);
  }

  async restartedFirst(): Promise<void> {
    const status = await this.#ended('restarted-before-any-rule', 'Complete');
    assert.deepEqual(
      [status.succeeded, status.failed, status.active, status.terminating],
      [1, undefined, undefined, 0],
    );
    const [pod] = await this.#pods('restarted-before-any-rule');
    assert.equal(pod?.status.containerStatuses?.[0]?.restartCount, 1);
  }

  async replacedWhenFailed(): Promise<void> {
    const [pod] = await this.#running('replaced-when-failed', 1);
    await this.#world.kubectl(['delete', 'pod', pod?.metadata.name ?? '', '--wait=false']);
    const { status } = await this.#jobWhen('replaced-when-failed', (job) => job.status.terminating === 1);
    assert.deepEqual([status.active, status.failed], [undefined, undefined]);
    assert.equal((await this.#pods('replaced-when-failed')).length, 1);
    writeFileSync(join(this.#directory, 'let-go'), '');
    await this.#jobWhen(
      'replaced-when-failed',
      (job) => job.status.active === 1 && job.status.failed === 1 && job.status.terminating === 0,
    );
  }

  async tooManyFailedIndexes(): Promise<void> {
    const status = await this.#ended('too-many-failed-indexes', 'Failed');
    assert.equal(reasonOf(status, 'Failed'), 'MaxFailedIndexesExceeded');
    assert.equal(status.active, undefined);
  }

  async indexGivenUp(): Promise<void> {
    const status = await this.#ended('index-given-up-by-rule', 'Failed');
    assert.deepEqual([status.completedIndexes, status.failedIndexes, status.failed], ['0', '1', 1]);
  }

  async failedByRule(): Promise<void> {
    const status = await this.#ended('failed-by-rule', 'Failed');
    assert.equal(reasonOf(status, 'Failed'), 'PodFailurePolicy');
    assert.match(
      status.conditions?.find(({ type }) => type === 'Failed')?.message ?? '',
      /^Container c for pod default\/failed-by-rule-\S+ failed with exit code 3 matching FailJob rule at index 0$/,
    );
  }

  async disrupted(): Promise<void> {
    const pods = await this.#running('disrupted', 1);
    writeFileSync(join(this.#directory, 'evicted'), '');
    await Promise.all(pods.map(({ metadata: { name } }) => this.#evict(name)));
    const { succeeded, failed } = await this.#ended('disrupted', 'Complete');
    assert.deepEqual([succeeded, failed], [1, undefined]);
  }

  async enoughSucceeded(): Promise<void> {
    const status = await this.#ended('enough-succeeded', 'Complete');
    assert.equal(reasonOf(status, 'SuccessCriteriaMet'), 'SuccessPolicy');
    assert.deepEqual([status.completedIndexes, status.active, status.failed], ['0', undefined, undefined]);
  }

  async #evict(name: string): Promise<void> {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
    const path = `/api/v1/namespaces/default/pods/${name}/eviction`;
    await this.#world.kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
  }

  async allIndexes(): Promise<void> {
    const status = await this.#ended('all-indexes-succeeded', 'Complete');
    assert.equal(reasonOf(status, 'SuccessCriteriaMet'), 'SuccessPolicy');
    const { active, ready, terminating, failed } = status;
    assert.deepEqual([active, ready, terminating, failed], [undefined, 0, 0, undefined]);
  }

  async oneIndex(): Promise<void> {
    const status = await this.#ended('one-index-is-enough', 'Complete');
    assert.equal(reasonOf(status, 'SuccessCriteriaMet'), 'SuccessPolicy');
    const { completedIndexes, active, ready, terminating } = status;
    assert.deepEqual([completedIndexes, active, ready, terminating], ['0', undefined, 0, 0]);
  }

  async bornSuspended(): Promise<void> {
    await this.#jobWhen('born-suspended', ({ status }) => hasCondition(status, 'Suspended', 'True'));
    assert.deepEqual(await this.#pods('born-suspended'), []);
    await this.#patch('born-suspended', { suspend: false });
    const status = await this.#ended('born-suspended', 'Complete');
    assert.ok(hasCondition(status, 'Suspended', 'False'));
  }

  async suspendedAtWork(): Promise<void> {
    await this.#running('suspended-at-work', 2);
    await this.#patch('suspended-at-work', { suspend: true });
    const { status } = await this.#jobWhen('suspended-at-work', (job) =>
      hasCondition(job.status, 'Suspended', 'True'),
    );
    assert.equal(status.failed, undefined);
    await this.#podsWhen('suspended-at-work', (pods) => pods.length === 0);
    await this.#patch('suspended-at-work', { suspend: false });
    await this.#running('suspended-at-work', 2);
  }

  async adopting(): Promise<void> {
    const [pod] = await this.#running('adopting', 1);
    const name = pod?.metadata.name ?? '';
    await this.#world.kubectl(['patch', 'pod', name, '-p', '{"metadata":{"ownerReferences":null}}']);
    const owner = ({ metadata }: Pod): string | undefined => metadata.ownerReferences?.[0]?.name;
    await this.#world.podWhen(name, (each) => owner(each) === 'adopting');
    const labels = { labels: { 'batch.kubernetes.io/controller-uid': null, 'controller-uid': null } };
    await this.#world.kubectl(['patch', 'pod', name, '-p', JSON.stringify({ metadata: labels })]);
    await this.#world.podWhen(name, (each) => owner(each) === undefined);
    // The Job has one pod again, and it is another one.
    await this.#jobWhen('adopting', ({ status }) => status.active === 1 && status.ready === 1);
    await this.#world.kubectl(['delete', 'pod', name, '--wait=false']);
  }

  async deletedAtWork(): Promise<void> {
    await this.#running('deleted-at-work', 2);
    await this.#world.kubectl(['delete', 'job', 'deleted-at-work', '--cascade=foreground', '--timeout=30s']);
    await this.#podsWhen('deleted-at-work', (pods) => pods.length === 0);
  }

  async countsTheReady(): Promise<void> {
    await this.#jobWhen('counts-the-ready', ({ status }) => status.ready === 2 && status.active === 2);
  }

  async readyAsAsked(): Promise<void> {
    await this.#jobWhen('ready-as-asked', ({ status }) => status.ready === 0);
    await this.#patch('ready-as-asked', { suspend: false });
    await this.#jobWhen('ready-as-asked', ({ status }) => status.ready === 2);
    await this.#patch('ready-as-asked', { suspend: true });
    await this.#jobWhen('ready-as-asked', ({ status }) => status.ready === 0);
  }

  /** Asked while the other Jobs, which were made at the same time, are looked after. */
  async somebodyElses(): Promise<void> {
    await this.#ended('all-succeed', 'Complete');
    const { status } = await this.#jobWhen('somebody-elses', () => true);
    assert.deepEqual(status ?? {}, {});
    assert.deepEqual(await this.#pods('somebody-elses'), []);
  }

  async givenMore(): Promise<void> {
    await this.#running('given-more', 2);
    await this.#patch('given-more', { suspend: true });
    await this.#podsWhen('given-more', (pods) => pods.length === 0);
    const resources = { requests: { cpu: '20m', memory: '32Mi' } };
    const template = { spec: { containers: [{ name: 'c', resources }] } };
    await this.#patch('given-more', { template });
    await this.#patch('given-more', { suspend: false });
    for (const { spec } of await this.#running('given-more', 2)) {
      assert.deepEqual(spec.containers[0]?.resources, resources);
    }
  }

  async handled(): Promise<void> {
    const of = (...args: readonly string[]): Promise<string> => this.#world.kubectl(args);
    const name = 'told-from-outside';
    await of('patch', 'job', name, '-p', '{"metadata":{"labels":{"patched":"yes"}}}');
    const startTime = '2026-01-01T00:00:00Z';
    const told = { metadata: { annotations: { told: 'true' } }, status: { startTime } };
    await of('patch', 'job', name, '--subresource=status', '--type=merge', '-p', JSON.stringify(told));
    const { status, metadata } = JSON.parse(
      await of('get', 'job', name, '--subresource=status', '-o', 'json'),
    ) as Job;
    assert.deepEqual([status.startTime, metadata.annotations?.['told']], [startTime, 'true']);
    await this.#patch(name, { suspend: false });
    assert.equal(await of('get', 'jobs', '-A', '-l', 'patched=yes', '-o', 'name'), `job.batch/${name}\n`);
    await this.#ended(name, 'Complete');
    await of('delete', 'jobs', '-l', 'kind=handled');
    assert.equal(await of('get', 'jobs', '-l', 'kind=handled', '-o', 'name'), '');
  }

  async outOfTime(): Promise<void> {
    const status = await this.#ended('out-of-time', 'Failed');
    assert.equal(reasonOf(status, 'Failed'), 'DeadlineExceeded');
    assert.equal(status.active, undefined);
  }

  async outOfTries(): Promise<void> {
    const status = await this.#ended('out-of-tries', 'Failed');
    assert.deepEqual([reasonOf(status, 'Failed'), status.failed], ['BackoffLimitExceeded', 1]);
  }

  async elastic(): Promise<void> {
    await this.#running('elastic', 3);
    await this.#patch('elastic', { completions: 1, parallelism: 1 });
    await this.#jobWhen('elastic', ({ status }) => status.active === 1 && status.terminating === 0);
    const [left] = await this.#running('elastic', 1);
    assert.equal(left?.metadata.labels?.['batch.kubernetes.io/job-completion-index'], '0');
    await this.#patch('elastic', { completions: 2, parallelism: 2 });
    await this.#running('elastic', 2);
  }

  async goneInTime(): Promise<void> {
    await this.#podsWhen('gone-in-time', (pods) => pods.length === 0, 'seen');
    const { code } = await this.#world.server.kubectl(['get', 'job', 'gone-in-time']);
    assert.equal(code, 1);
  }

  /** The Job's status once it has ended so; the failure shows what it is instead. */
  async #ended(name: string, type: 'Complete' | 'Failed'): Promise<JobStatus> {
    const { status } = await this.#jobWhen(
      name,
      (job) => hasCondition(job.status, 'Complete', 'True') || hasCondition(job.status, 'Failed', 'True'),
    );
    assert.ok(hasCondition(status, type, 'True'), `${name} is not ${type}: ${JSON.stringify(status)}`);
    return status;
  }

  async #jobWhen(name: string, isReady: (job: Job) => boolean): Promise<Job> {
    let last: Job | undefined;
    return eventually(
      async () => {
        last = (await this.#look()).jobs.find(({ metadata }) => metadata.name === name);
        return last !== undefined && isReady(last) ? last : undefined;
      },
      () => `job ${name} stays at ${JSON.stringify(last?.status)}`,
    );
  }

  async #pods(job: string): Promise<readonly Pod[]> {
    return (await this.#look()).pods.filter(({ metadata }) => metadata.labels?.['job-name'] === job);
  }

  /** All scenarios share their looks: each is begun after it was asked for, and one at a time. */
  #look(): Promise<Seen> {
    this.#next ??= this.#afterCurrent();
    return this.#next;
  }

  async #afterCurrent(): Promise<Seen> {
    await this.#current.catch(() => undefined); // Whoever asked for that one is told.
    this.#next = undefined;
    const seeing = this.#see();
    this.#current = seeing;
    return seeing;
  }

  async #see(): Promise<Seen> {
    const text = await this.#world.kubectl(['get', 'jobs,pods', '-o', 'json']);
    const { items } = JSON.parse(text) as { readonly items: readonly (Job | Pod)[] };
    const of = <Kind>(kind: string): Kind[] =>
      items.filter((each) => (each as { kind?: string }).kind === kind) as Kind[];
    return { jobs: of<Job>('Job'), pods: of<Pod>('Pod') };
  }

  /** @param first `seen`: only after the Job itself has gone. */
  async #podsWhen(job: string, isReady: (pods: readonly Pod[]) => boolean, first?: 'seen'): Promise<void> {
    await eventually(
      async () => {
        const { jobs } = await this.#look();
        if (first === 'seen' && jobs.some(({ metadata }) => metadata.name === job)) return undefined;
        return isReady(await this.#pods(job)) ? true : undefined;
      },
      () => `the pods of ${job} are not as expected`,
    );
  }

  /** The pods of the Job that run, once there are so many and no others. */
  async #running(job: string, count: number): Promise<readonly Pod[]> {
    let pods: readonly Pod[] = [];
    await this.#podsWhen(job, (all) => {
      pods = all.filter(({ status, metadata }) => status.phase === 'Running' && !metadata.deletionTimestamp);
      return pods.length === count && all.length === count;
    });
    return pods;
  }

  async #patch(job: string, spec: object): Promise<void> {
    await this.#world.kubectl(['patch', 'job', job, '-p', JSON.stringify({ spec })]);
  }
}

function hasCondition({ conditions }: JobStatus, type: string, status: string): boolean {
  return conditions?.some((each) => each.type === type && each.status === status) ?? false;
}

function reasonOf({ conditions }: JobStatus, type: string): string | undefined {
  return conditions?.find((each) => each.type === type && each.status === 'True')?.reason;
}
