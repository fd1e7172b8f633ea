import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError } from '../../apimachinery/field-error.ts';
import { applyJobDefaults } from './defaults.ts';
import { checkIndexText, firstCommonIndex } from './index-text.ts';
import { validateJobStatusUpdate } from './job-status-validation.ts';
import { validateJobCreate, validateJobUpdate } from './job-validation.ts';
import { generateSelector } from './selector.ts';
import type { Job, JobCondition, JobSpec, JobStatus } from './types.ts';
import { jobSpecWarnings, nameWarnings } from './warnings.ts';

const UID = '11111111-2222-4333-8444-555555555555';

/** A Job as the server has it after defaulting. */
function job(spec: Partial<JobSpec> = {}, status: JobStatus = {}, name = 'j'): Job {
  const made: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: 'n',
      uid: UID,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
      ...structuredClone(spec),
    },
    status: structuredClone(status),
  };
  applyJobDefaults(made);
  generateSelector(made);
  return made;
}

const texts = (errors: readonly FieldError[]): string[] => errors.map((error) => error.toString());
const condition = (type: string, status = 'True'): JobCondition => ({ type, status });

const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 3 } as const;

test('an Indexed Job is refused whose last pod could not be named', () => {
  const long = 'a'.repeat(62);
  assert.deepEqual(texts(validateJobCreate(job(indexed, {}, long))), [
    `metadata.name: Invalid value: "${long}": will not able to create pod with invalid DNS label: ${long}-2`,
  ]);
  assert.deepEqual(validateJobCreate(job(indexed, {}, 'a'.repeat(61))), []);
});

test('many completions with a limit per index need a limit of failed indexes', () => {
  const spec = { ...indexed, completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1 };
  assert.deepEqual(texts(validateJobCreate(job(spec))), [
    'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
    'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
  ]);
});

test('a limit of failed indexes that is not there breaks no rule', () => {
  assert.deepEqual(texts(validateJobCreate(job({ ...indexed, completions: -1 }))), [
    'spec.completions: Invalid value: -1: must be greater than or equal to 0',
  ]);
});

test('a message shows labels and selectors by their keys, as Go prints maps', () => {
  const labels = `{"batch.kubernetes.io/controller-uid":"${UID}","batch.kubernetes.io/job-name":"j","controller-uid":"${UID}","job-name":"j"}`;
  assert.deepEqual(texts(validateJobCreate(job({ selector: { matchLabels: { z: '1', a: '2' } } }))), [
    `spec.selector: Invalid value: {"matchLabels":{"a":"2","batch.kubernetes.io/controller-uid":"${UID}","z":"1"}}: \`selector\` not auto-generated`,
    `spec.template.metadata.labels: Invalid value: ${labels}: \`selector\` does not match template \`labels\``,
  ]);
});

test('labels that contradict the generated ones are refused', () => {
  const contradicting = job({
    template: {
      metadata: { labels: { 'controller-uid': 'x' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
    },
  });
  assert.deepEqual(
    texts(validateJobCreate(contradicting)).map((text) => text.replace(/: Invalid value: .*}: /, ': ')),
    [`spec.template.metadata.labels[controller-uid]: must be '${UID}'`],
  );
});

test('completions change only in step with parallelism, and only for Indexed Jobs', () => {
  assert.deepEqual(validateJobUpdate(job({ ...indexed, completions: 5, parallelism: 5 }), job(indexed)), []);
  assert.deepEqual(texts(validateJobUpdate(job({ ...indexed, completions: 5 }), job(indexed))), [
    'spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism',
  ]);
  assert.deepEqual(texts(validateJobUpdate(job({ completions: 5 }), job({ completions: 3 }))), [
    'spec.completions: Invalid value: 5: field is immutable',
  ]);
});

test('a suspended Job without active pods takes new scheduling directives and resources, and nothing else', () => {
  const template = (extra: object, container: object = {}): Partial<JobSpec> => ({
    suspend: true,
    template: {
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i', ...container }], ...extra },
    },
  });
  const old = job(template({}));
  const directives = {
    nodeSelector: { zone: 'a' },
    tolerations: [{ key: 'k', operator: 'Exists' as const }],
    schedulingGates: [{ name: 'a.b/c' }],
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  };
  assert.deepEqual(validateJobUpdate(job(template(directives)), old), []);
  assert.deepEqual(validateJobUpdate(job(template({}, { resources: { requests: { cpu: '1' } } })), old), []);
  const [error] = validateJobUpdate(job(template({}, { image: 'other' })), old);
  assert.equal(error?.field, 'spec.template.spec');
  const started = job(template({}), { startTime: '2026-01-01T00:00:00Z', active: 1 });
  assert.equal(validateJobUpdate(job(template(directives)), started)[0]?.field, 'spec.template');
});

test('a broken spec is told twice on an update, as Kubernetes does', () => {
  const errors = texts(validateJobUpdate(job({ backoffLimit: -1 }), job()));
  assert.deepEqual(
    errors,
    Array(2).fill('spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0'),
  );
});

test('a status that breaks what clients rely on is refused', () => {
  const start = '2026-01-01T00:00:00Z';
  const end = '2026-01-01T01:00:00Z';
  const complete: JobStatus = {
    startTime: start,
    completionTime: end,
    succeeded: 1,
    conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
  };
  const failed: JobStatus = {
    startTime: start,
    conditions: [condition('FailureTarget'), condition('Failed')],
  };
  const at = (status: JobStatus, old: JobStatus, spec: Partial<JobSpec> = {}): string[] =>
    texts(validateJobStatusUpdate(job(spec, status), job(spec, old)));

  assert.deepEqual(at(complete, { startTime: start }), []);
  assert.deepEqual(at(failed, { startTime: start }), []);
  assert.deepEqual(at({ ...complete, active: 1, terminating: 2, startTime: start }, { startTime: start }), [
    'status.active: Invalid value: 1: active>0 is invalid for finished job',
    'status.terminating: Invalid value: 2: terminating>0 is invalid for finished job',
  ]);
  assert.deepEqual(at({ ...failed, conditions: [condition('Failed')] }, { startTime: start }), [
    'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
  ]);
  assert.deepEqual(at({ startTime: start }, failed), [
    'status.conditions: Invalid value: cannot disable the terminal Failed=True condition',
    'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition',
  ]);
  assert.deepEqual(at({ failed: 1, succeeded: 0 }, { failed: 2, succeeded: 3 }), [
    'status.failed: Invalid value: 1: cannot decrease the failed counter',
    'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
  ]);
  assert.deepEqual(at({ succeeded: 1 }, { succeeded: 3 }, indexed), []);
  assert.deepEqual(at({ uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } }, {}), [
    'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
    'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
  ]);
  assert.deepEqual(
    at({ completedIndexes: '0-9', failedIndexes: '0' }, {}, { ...indexed, backoffLimitPerIndex: 1 }),
    ['status.completedIndexes: Invalid value: "0-9": error parsing completedIndexes: too large index: "9"'],
  );
  assert.deepEqual(
    at({ completedIndexes: '0-1', failedIndexes: '1' }, {}, { ...indexed, backoffLimitPerIndex: 1 }),
    ['status.failedIndexes: Invalid value: "1": failedIndexes and completedIndexes overlap at index: 1'],
  );
  // What broke a rule before is not held against an update of something else.
  assert.deepEqual(at({ ready: 2, active: 1, failed: 1 }, { ready: 2, active: 1 }), []);
});

test('a start time is fixed but for a Job that resumes', () => {
  const old: JobStatus = { startTime: '2026-01-01T00:00:00Z', conditions: [condition('Suspended')] };
  const now: JobStatus = { startTime: '2026-01-02T00:00:00Z', conditions: [condition('Suspended', 'False')] };
  assert.deepEqual(validateJobStatusUpdate(job({}, now), job({}, old)), []);
  const kept = { ...now, conditions: old.conditions ?? [] };
  assert.deepEqual(texts(validateJobStatusUpdate(job({}, kept), job({}, old))), [
    'status.startTime: Invalid value: "2026-01-02T00:00:00Z": field is immutable for unsuspended job once set',
  ]);
});

test('texts of indexes are checked as Kubernetes does', () => {
  assert.deepEqual(checkIndexText('1,3-5,7', 8), { count: 5 });
  assert.deepEqual(checkIndexText('', 8), { count: 0 });
  const wrongs: Readonly<Record<string, string>> = {
    '1-2-3':
      'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
    a: 'cannot convert string to integer for index: "a"',
    '1,': 'cannot convert string to integer for index: ""',
    '9': 'too large index: "9"',
    '3-3': 'non-increasing order, previous: 3, current: 3',
    '2,1': 'non-increasing order, previous: 2, current: 1',
  };
  for (const [text, wrong] of Object.entries(wrongs)) assert.deepEqual(checkIndexText(text, 8), { wrong });
  assert.equal(firstCommonIndex('0-2,5', '3,x,5-7', 9), 5);
  assert.equal(firstCommonIndex('0-2', '3', 9), undefined);
});

test('names that are no DNS labels and very large Jobs are warned about', () => {
  assert.equal(nameWarnings('a').length, 0);
  assert.match(nameWarnings('a.b')[0] ?? '', /^metadata\.name: this is used in Pod names and hostnames/);
  const spec = job({ ...indexed, completions: 100_001, parallelism: 10_001 }).spec;
  assert.match(jobSpecWarnings(spec, 'spec')[0] ?? '', /^spec: In Indexed Jobs with a number of completions/);
});

test('a selector stays, and a label that is empty is one', () => {
  const before = job({ selector: { matchLabels: { a: 'b' } }, manualSelector: true });
  const after = job({ selector: { matchLabels: { a: 'b', c: '' } }, manualSelector: true });
  assert.ok(
    texts(validateJobUpdate(after, before)).includes(
      'spec.selector: Invalid value: {"matchLabels":{"a":"b","c":""}}: field is immutable',
    ),
  );
});
