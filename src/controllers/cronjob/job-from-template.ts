/** Makes a CronJob's Jobs. Pure but for the machine's time zone data. */
import { createHash } from 'node:crypto';
import { newControllerRef } from '../../apimachinery/meta/controller-ref.ts';
import type { DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import {
  type CronJob,
  formatInZone,
  type Job,
  RUN_NOW_ANNOTATION,
  SCHEDULED_TIMESTAMP_ANNOTATION,
  TimeZone,
} from '../../apis/batch/index.ts';

/** Name of the Job for a time (wall milliseconds). The time is in it, so that no time can get two Jobs. */
export function jobNameAt(cronJob: DeepReadonly<CronJob>, time: number): string {
  return `${cronJob.metadata.name}-${Math.floor(time / 60_000)}`;
}

/** Name of the Job for a run-now token; the same token never gets two Jobs. Ten letters, as many as a CronJob's name leaves. */
function jobNameFor(cronJob: DeepReadonly<CronJob>, token: string): string {
  return `${cronJob.metadata.name}-${createHash('sha256').update(token).digest('hex').slice(0, 10)}`;
}

/** The Job of a time. */
export function jobAt(cronJob: DeepReadonly<CronJob>, time: number): DeepReadonly<Draft<Job>> {
  const zone = TimeZone.load(cronJob.spec.timeZone ?? '');
  const annotations = { [SCHEDULED_TIMESTAMP_ANNOTATION]: formatInZone(time, zone) };
  return jobNamed(cronJob, jobNameAt(cronJob, time), annotations);
}

/** The Job of a run-now token. */
export function jobFor(cronJob: DeepReadonly<CronJob>, token: string): DeepReadonly<Draft<Job>> {
  return jobNamed(cronJob, jobNameFor(cronJob, token), { [RUN_NOW_ANNOTATION]: token });
}

function jobNamed(
  cronJob: DeepReadonly<CronJob>,
  name: string,
  annotations: Record<string, string>,
): DeepReadonly<Draft<Job>> {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  const { namespace = '' } = cronJob.metadata;
  return {
    metadata: {
      name,
      namespace,
      labels: { ...metadata.labels },
      annotations: { ...metadata.annotations, ...annotations },
      ownerReferences: [newControllerRef(cronJob, { apiVersion: 'batch/v1', kind: 'CronJob' })],
    },
    spec: spec ?? { template: {} },
  };
}
