/**
 * What longshore adds to Jobs and CronJobs, by annotations under `longshore.dev/`. A manifest without them behaves exactly
 * as on Kubernetes, and one with them still applies on any cluster. Durations are in Go's form, such as `90s` or `1h30m`.
 */

import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import { parseGoDuration } from '../../apimachinery/go-duration.ts';
import { messageOf } from '../../apimachinery/thrown.ts';

/** On a Job: the first and the greatest delay before a failed pod is replaced, `1s..1m`. */
const RETRY_DELAY_ANNOTATION = 'longshore.dev/retry-delay';
/** On a Job: a pod that cannot get its image or its configuration for so long counts as failed. */
const FAIL_ON_IMAGE_PULL_ANNOTATION = 'longshore.dev/fail-on-image-pull';
/** On a Job: how long it stays after it failed; goes before `ttlSecondsAfterFinished`. */
const TTL_AFTER_FAILED_ANNOTATION = 'longshore.dev/ttl-after-failed';
/** On a Job: how long it stays after it succeeded; goes before `ttlSecondsAfterFinished`. */
const TTL_AFTER_SUCCEEDED_ANNOTATION = 'longshore.dev/ttl-after-succeeded';
/** On a CronJob: each new value starts one run at once. */
export const RUN_NOW_ANNOTATION = 'longshore.dev/run-now';
/** On a CronJob: the span within which its runs are moved by a stable offset. */
const JITTER_ANNOTATION = 'longshore.dev/jitter';
/** On a CronJob: what happens to times that a clock change skips or repeats, `kubernetes` or `once`. */
const DST_ANNOTATION = 'longshore.dev/dst';
/** On a CronJob: how many of its Jobs may be active at the same time. */
const MAX_ACTIVE_ANNOTATION = 'longshore.dev/max-active';

/** Bytes of a run-now token, as of a label: it becomes part of events and of a Job's annotations. */
const TOKEN_BYTES_MAX = 253;
/** Active Jobs that `max-active` may allow. */
const MAX_ACTIVE_MAX = 10_000;

/** The annotations of a Job, understood; what is malformed counts as absent. All times in milliseconds. */
export interface JobExtras {
  readonly retryDelay?: { readonly first: number; readonly greatest: number };
  readonly failOnImagePull?: number;
  readonly ttlAfterFailed?: number;
  readonly ttlAfterSucceeded?: number;
}

/** The annotations of a CronJob, understood; what is malformed counts as absent. */
export interface CronJobExtras {
  readonly runNow?: string;
  /** Milliseconds. */
  readonly jitter?: number;
  readonly dst: 'kubernetes' | 'once';
  readonly maxActive?: number;
}

type Annotations = Readonly<Record<string, string>> | undefined;

/** Reads a value, or throws an Error that says what it must be. */
type Reader<T> = (text: string) => T;

const readDuration: Reader<number> = (text) => {
  const nanoseconds = parseGoDuration(text);
  if (nanoseconds < 0n) throw new Error('must not be negative');
  return Number(nanoseconds / 1_000_000n);
};

const readSpan: Reader<number> = (text) => {
  const span = readDuration(text);
  if (span === 0) throw new Error('must be at least 1ms');
  return span;
};

const readRetryDelay: Reader<{ first: number; greatest: number }> = (text) => {
  const [first, greatest, ...more] = text.split('..');
  if (first === undefined || greatest === undefined || more.length > 0) {
    throw new Error('must be the first and the greatest delay, such as 1s..1m');
  }
  const delay = { first: readSpan(first), greatest: readSpan(greatest) };
  if (delay.first > delay.greatest) throw new Error('the first delay must not be longer than the greatest');
  return delay;
};

const readToken: Reader<string> = (text) => {
  if (text === '') throw new Error('must not be empty');
  if (Buffer.byteLength(text) > TOKEN_BYTES_MAX)
    throw new Error(`must be no more than ${TOKEN_BYTES_MAX} bytes`);
  return text;
};

const readDst: Reader<'kubernetes' | 'once'> = (text) => {
  if (text !== 'kubernetes' && text !== 'once') throw new Error('must be "kubernetes" or "once"');
  return text;
};

const readMaxActive: Reader<number> = (text) => {
  const count = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_ACTIVE_MAX) {
    throw new Error(`must be a whole number from 1 to ${MAX_ACTIVE_MAX}`);
  }
  return count;
};

const JOB_READERS: Readonly<Record<string, Reader<unknown>>> = {
  [RETRY_DELAY_ANNOTATION]: readRetryDelay,
  [FAIL_ON_IMAGE_PULL_ANNOTATION]: readSpan,
  [TTL_AFTER_FAILED_ANNOTATION]: readDuration,
  [TTL_AFTER_SUCCEEDED_ANNOTATION]: readDuration,
};

const CRON_JOB_READERS: Readonly<Record<string, Reader<unknown>>> = {
  [RUN_NOW_ANNOTATION]: readToken,
  [JITTER_ANNOTATION]: readDuration,
  [DST_ANNOTATION]: readDst,
  [MAX_ACTIVE_ANNOTATION]: readMaxActive,
};

/** Checks the annotations of a Job at `path`; a value that was stored before is not held against an update. */
export function validateJobAnnotations(
  now: Annotations,
  old?: Annotations,
  path = 'metadata.annotations',
): FieldError[] {
  return validate(JOB_READERS, now, old, path);
}

/** Checks the annotations of a CronJob; a value that was stored before is not held against an update. */
export function validateCronJobAnnotations(now: Annotations, old?: Annotations): FieldError[] {
  return validate(CRON_JOB_READERS, now, old, 'metadata.annotations');
}

function validate(
  readers: Readonly<Record<string, Reader<unknown>>>,
  now: Annotations,
  old: Annotations,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, reader] of Object.entries(readers)) {
    const text = annotationOf(now, name);
    if (text === undefined || text === annotationOf(old, name)) continue;
    try {
      reader(text);
    } catch (error) {
      errors.push(invalid(`${path}[${name}]`, text, messageOf(error)));
    }
  }
  return errors;
}

/** Reads the annotations of a Job. */
export function jobExtras(annotations: Annotations): JobExtras {
  return {
    ...read('retryDelay', annotations, RETRY_DELAY_ANNOTATION, readRetryDelay),
    ...read('failOnImagePull', annotations, FAIL_ON_IMAGE_PULL_ANNOTATION, readSpan),
    ...read('ttlAfterFailed', annotations, TTL_AFTER_FAILED_ANNOTATION, readDuration),
    ...read('ttlAfterSucceeded', annotations, TTL_AFTER_SUCCEEDED_ANNOTATION, readDuration),
  };
}

/** Reads the annotations of a CronJob. */
export function cronJobExtras(annotations: Annotations): CronJobExtras {
  return {
    dst: 'kubernetes',
    ...read('runNow', annotations, RUN_NOW_ANNOTATION, readToken),
    ...read('jitter', annotations, JITTER_ANNOTATION, readDuration),
    ...read('dst', annotations, DST_ANNOTATION, readDst),
    ...read('maxActive', annotations, MAX_ACTIVE_ANNOTATION, readMaxActive),
  };
}

function read<Key extends string, T>(
  key: Key,
  annotations: Annotations,
  name: string,
  reader: Reader<T>,
): { readonly [K in Key]?: T } {
  const text = annotationOf(annotations, name);
  if (text === undefined) return {};
  try {
    return { [key]: reader(text) } as { readonly [K in Key]?: T };
  } catch {
    return {};
  }
}

function annotationOf(annotations: Annotations, name: string): string | undefined {
  return annotations !== undefined && Object.hasOwn(annotations, name) ? annotations[name] : undefined;
}
