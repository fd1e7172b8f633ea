/**
 * Defaults of Jobs and CronJobs. All are idempotent and change in place, apart from what is the very same as in a Job that
 * was defaulted before.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { applyPodTemplateDefaults } from '../core/index.ts';
import type { CronJob, Job, JobSpec } from './types.ts';

/** Failed pods after which a Job gives up when its spec does not say. */
const BACKOFF_LIMIT = 6;
/** `backoffLimit` where failures are limited per index: no limit of its own. */
const BACKOFF_UNLIMITED = 2 ** 31 - 1;
const SUCCESSFUL_JOBS_KEPT = 3;
const FAILED_JOBS_KEPT = 1;

/** Fills in the defaults of a Job. What it shares with `old`, the stored Job, has them and is left alone. */
export function applyJobDefaults(job: Job, old?: DeepReadonly<Job>): void {
  job.spec ??= {} as JobSpec;
  job.status ??= {};
  const { spec } = job;
  if (spec !== old?.spec) applySpecDefaults(spec, old?.spec);
  applyJobLabels(job);
}

/** Gives a Job without labels those of its template, as upstream does whenever it reads one. */
export function applyJobLabels(job: Job): void {
  // One and the same map on purpose: labels that are generated for the template at creation show on the Job as well.
  const labels = job.spec.template.metadata?.labels;
  if (labels != null && Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = labels;
}

function applySpecDefaults(spec: JobSpec, old: DeepReadonly<JobSpec> | undefined): void {
  if (spec.completions == null && spec.parallelism == null) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex == null ? BACKOFF_LIMIT : BACKOFF_UNLIMITED;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy == null ? 'TerminatingOrFailed' : 'Failed';
  spec.manualSelector ??= false;
  applyTemplateDefaults(spec, old);
}

/** Fills in the defaults of a CronJob. Its template gets those of a pod template alone: the Job made from it gets a Job's. */
export function applyCronJobDefaults(cronJob: CronJob): void {
  cronJob.spec ??= {} as CronJob['spec'];
  cronJob.status ??= {};
  const { spec } = cronJob;
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= SUCCESSFUL_JOBS_KEPT;
  spec.failedJobsHistoryLimit ??= FAILED_JOBS_KEPT;
  spec.schedule ??= '';
  spec.jobTemplate ??= {};
  spec.jobTemplate.metadata ??= {};
  spec.jobTemplate.spec ??= {} as JobSpec;
  applyTemplateDefaults(spec.jobTemplate.spec);
}

/** What both kinds get: the pod template's defaults, and `status: True` for failure policies that name a condition alone. */
function applyTemplateDefaults(spec: JobSpec, old?: DeepReadonly<JobSpec>): void {
  spec.template ??= {};
  if (spec.template !== old?.template) applyPodTemplateDefaults(spec.template, old?.template);
  if (spec.podFailurePolicy === old?.podFailurePolicy) return;
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  }
}
