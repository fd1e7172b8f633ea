/** The mix of Jobs that random kills are tried on, and what each promises whatever happened to its pods. */
import assert from 'node:assert/strict';
import type { Job, JobStatus } from '../../../src/apis/batch/types.ts';
import type { Pod } from '../../../src/apis/core/types.ts';

/** Pods that may fail by being killed before a Job gives up: more than there are kills. */
const BACKOFF_LIMIT = 100;

/** What a Job came to. */
export interface Ended {
  readonly job: Job;
  /** All its pods, which are kept until here. */
  readonly pods: readonly Pod[];
}

/** A Job and its promise. */
export interface Promised {
  readonly manifest: object;
  /** Throws when the promise was not kept. */
  readonly check: (ended: Ended) => void;
}

/** A script that notes in /out what runs when: `beat` five times a second for that many tenths of a second, then ends with `code`. */
function beating(tenths: number, end = 'exit 0'): string {
  const who = '$POD_NAME';
  const index = `\${JOB_COMPLETION_INDEX:-${who}}`;
  return [
    `f=/out/beats.$JOB_NAME.${index}`,
    `echo "start ${who}" >>/out/runs`,
    'n=0',
    `while [ $n -lt ${tenths} ]; do echo "${who}" >>$f; sleep 0.2; n=$((n+2)); done`,
    `echo "end ${who}" >>/out/runs`,
    end,
  ].join('\n');
}

interface Shape {
  readonly script: string;
  readonly spec?: object;
  readonly podSpec?: object;
  readonly restartPolicy?: 'Never' | 'OnFailure';
}

function job(name: string, directory: string, shape: Shape): object {
  const { script, spec = {}, podSpec = {}, restartPolicy = 'Never' } = shape;
  const field = (fieldPath: string): object => ({ valueFrom: { fieldRef: { fieldPath } } });
  const c = {
    name: 'c',
    image: 'busybox:1.37',
    command: ['sh', '-c', script],
    env: [
      { name: 'POD_NAME', ...field('metadata.name') },
      { name: 'JOB_NAME', value: name },
    ],
    volumeMounts: [{ name: 'out', mountPath: '/out' }],
  };
  const volumes = [
    { name: 'out', hostPath: { path: directory } },
    { name: 'memory', emptyDir: { medium: 'Memory' } },
  ];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: BACKOFF_LIMIT,
      ...spec,
      template: {
        spec: { restartPolicy, terminationGracePeriodSeconds: 1, containers: [c], volumes, ...podSpec },
      },
    },
  };
}

const statusOf = (ended: Ended): JobStatus => ended.job.status;
const inPhase = ({ pods }: Ended, phase: string): readonly Pod[] =>
  pods.filter(({ status }) => status.phase === phase);
const indexOf = ({ metadata }: Pod): string =>
  metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? '';
const exitOf = ({ status }: Pod): number | undefined =>
  status.containerStatuses?.find(({ name }) => name === 'c')?.state?.terminated?.exitCode;

/** What holds of every Job that has ended: nothing is pending in its counts, and they are the counts of its pods. */
function checkCounts(ended: Ended, ignored: readonly Pod[] = []): void {
  const { succeeded = 0, failed = 0, active = 0, uncountedTerminatedPods: uncounted } = statusOf(ended);
  assert.equal(active, 0);
  assert.deepEqual([uncounted?.succeeded ?? [], uncounted?.failed ?? []], [[], []]);
  assert.equal(succeeded, inPhase(ended, 'Succeeded').length, 'each pod that succeeded is counted once');
  assert.equal(
    failed,
    inPhase(ended, 'Failed').length - ignored.length,
    'each pod that failed is counted once',
  );
  assert.equal(inPhase(ended, 'Succeeded').length + inPhase(ended, 'Failed').length, ended.pods.length);
  for (const { metadata } of ended.pods) assert.deepEqual(metadata.finalizers ?? [], []);
}

function checkCondition({ job }: Ended, type: string, reason?: string): void {
  const true_ = job.status.conditions?.filter(({ status }) => status === 'True') ?? [];
  const last = true_.find((each) => each.type === type);
  assert.ok(last, `it is not ${type}: ${JSON.stringify(true_)}`);
  if (reason !== undefined) assert.equal(last.reason, reason);
}

function completes(count: number): (ended: Ended) => void {
  return (ended) => {
    checkCondition(ended, 'Complete');
    checkCounts(ended);
    assert.equal(ended.job.status.succeeded, count);
  };
}

/** Numbers from 0 to 1. */
type Chance = () => number;

/** All of them, by name; pods of theirs see that directory as /out. */
export function promisedJobs(directory: string, chance: Chance): ReadonlyMap<string, Promised> {
  const all = new Map<string, Promised>();
  const add: Add = (name, shape, check) => {
    all.set(name, { manifest: job(name, directory, shape), check });
  };
  const tenths = (most: number): number => 4 + Math.floor(chance() * most);
  addPlainJobs(add, tenths);
  addIndexedJobs(add, tenths);
  addJobsWithFailurePolicies(add, tenths);
  return all;
}

type Add = (name: string, shape: Shape, check: (ended: Ended) => void) => void;

function addPlainJobs(add: Add, tenths: (most: number) => number): void {
  add('plain', { script: beating(tenths(30)), spec: { completions: 6, parallelism: 3 } }, completes(6));
  const once = 'if [ ! -e /out/again.$POD_NAME ]; then touch /out/again.$POD_NAME; exit 5; fi; exit 0';
  add('again', { script: beating(tenths(10), once), restartPolicy: 'OnFailure' }, (ended) => {
    completes(1)(ended);
    const [pod] = inPhase(ended, 'Succeeded');
    assert.ok((pod?.status.containerStatuses?.[0]?.restartCount ?? 0) >= 1, 'it was started again');
  });
  const helper = {
    name: 'helper',
    image: 'busybox:1.37',
    restartPolicy: 'Always',
    command: ['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
    volumeMounts: [{ name: 'memory', mountPath: '/memory' }],
  };
  add('sidecar', { script: beating(tenths(20)), podSpec: { initContainers: [helper] } }, completes(1));
}

function addIndexedJobs(add: Add, tenths: (most: number) => number): void {
  const indexed = { completionMode: 'Indexed' };
  const five = { ...indexed, completions: 5, parallelism: 3 };
  add('indexed', { script: beating(tenths(30)), spec: five }, (ended) => {
    completes(5)(ended);
    assert.equal(ended.job.status.completedIndexes, '0-4');
    const indexes = inPhase(ended, 'Succeeded').map(indexOf).toSorted();
    assert.deepEqual(indexes, ['0', '1', '2', '3', '4'], 'each index was completed once');
  });
  const perIndex = {
    ...indexed,
    completions: 4,
    parallelism: 4,
    backoffLimitPerIndex: 1,
    backoffLimit: undefined,
  };
  const lastFails = 'if [ $JOB_COMPLETION_INDEX = 3 ]; then exit 7; fi';
  add('per-index', { script: beating(tenths(20), lastFails), spec: perIndex }, checkPerIndex);
  const rest = 'if [ $JOB_COMPLETION_INDEX != 1 ]; then sleep 600; fi';
  const rules = [{ succeededIndexes: '1' }];
  const policy = { ...indexed, completions: 3, parallelism: 3, successPolicy: { rules } };
  add('success', { script: beating(tenths(20), rest), spec: policy }, (ended) => {
    checkCondition(ended, 'SuccessCriteriaMet', 'SuccessPolicy');
    checkCondition(ended, 'Complete', 'SuccessPolicy');
    const { completedIndexes, succeeded, active = 0 } = statusOf(ended);
    assert.deepEqual([completedIndexes, succeeded, active], ['1', 1, 0]);
  });
}

function addJobsWithFailurePolicies(add: Add, tenths: (most: number) => number): void {
  const onExit = (action: string, code: number): object => ({
    podFailurePolicy: {
      rules: [{ action, onExitCodes: { containerName: 'c', operator: 'In', values: [code] } }],
    },
  });
  const failing = { completions: 2, parallelism: 1, ...onExit('FailJob', 42) };
  add('fail-job', { script: beating(tenths(20), 'exit 42'), spec: failing }, (ended) => {
    checkCondition(ended, 'Failed', 'PodFailurePolicy');
    checkCounts(ended);
    assert.equal(ended.job.status.succeeded ?? 0, 0);
    assert.equal(ended.pods.filter((pod) => exitOf(pod) === 42).length, 1, 'one pod ended it');
  });
  const twice =
    'if [ "$(grep -c . /out/ignored)" -lt 2 ]; then echo "$POD_NAME" >>/out/ignored; exit 43; fi; exit 0';
  add('ignore', { script: beating(tenths(10), twice), spec: onExit('Ignore', 43) }, (ended) => {
    checkCondition(ended, 'Complete');
    const ignored = ended.pods.filter((pod) => exitOf(pod) === 43);
    assert.ok(ignored.length <= 2);
    checkCounts(ended, ignored);
    assert.equal(ended.job.status.succeeded, 1);
  });
}

/** Index 3 always fails; any other has failed only if it was killed twice. */
function checkPerIndex(ended: Ended): void {
  const { completedIndexes = '', failedIndexes = '' } = statusOf(ended);
  checkCondition(ended, 'Failed', 'FailedIndexes');
  checkCounts(ended);
  const told = { completed: expand(completedIndexes), failed: expand(failedIndexes) };
  assert.deepEqual([...told.completed, ...told.failed].toSorted(), ['0', '1', '2', '3']);
  assert.ok(told.failed.includes('3'));
  for (const index of ['0', '1', '2', '3']) {
    const own = ended.pods.filter((pod) => indexOf(pod) === index);
    const succeeded = own.filter(({ status }) => status.phase === 'Succeeded').length;
    assert.equal(succeeded, told.completed.includes(index) ? 1 : 0, `index ${index}`);
    if (told.failed.includes(index)) assert.equal(own.length, 2, `index ${index} had one more try`);
  }
}

function expand(indexes: string): string[] {
  return indexes.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split('-');
    if (first === '') return [];
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => String(Number(first) + i));
  });
}

/** A CronJob of each minute, whose Jobs have one short pod. */
export function everyMinute(directory: string): object {
  const { spec } = job('minute', directory, { script: beating(6) }) as { readonly spec: object };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'minute' },
    spec: { schedule: '* * * * *', successfulJobsHistoryLimit: 10, jobTemplate: { spec } },
  };
}

/** A Job whose pods never end, to be deleted while they run. */
export function endless(directory: string): object {
  return job('endless', directory, {
    script: beating(100_000),
    spec: { completions: 2, parallelism: 2 },
  });
}
