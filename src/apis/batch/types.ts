// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (batch/v1). Do not edit.
import type { Int64 } from '../../apimachinery/exact-json.ts';
import type { ObjectReference, PodTemplateSpec } from '../core/types.ts';
import type { LabelSelector, ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** CronJob of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface CronJob {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: CronJobSpec;
  status: CronJobStatus;
}

/** CronJobList of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface CronJobList {
  apiVersion: string;
  items: CronJob[];
  kind: string;
  metadata: ListMeta;
}

/** CronJobSpec of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface CronJobSpec {
  concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace';
  failedJobsHistoryLimit?: number;
  jobTemplate: JobTemplateSpec;
  schedule: string;
  startingDeadlineSeconds?: Int64;
  successfulJobsHistoryLimit?: number;
  suspend?: boolean;
  timeZone?: string;
}

/** CronJobStatus of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface CronJobStatus {
  active?: ObjectReference[];
  lastScheduleTime?: string;
  lastSuccessfulTime?: string;
}

/** Job of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface Job {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: JobSpec;
  status: JobStatus;
}

/** JobCondition of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface JobCondition {
  lastProbeTime?: string;
  lastTransitionTime?: string;
  message?: string;
  reason?: string;
  status: string;
  type: string;
}

/** JobList of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface JobList {
  apiVersion: string;
  items: Job[];
  kind: string;
  metadata: ListMeta;
}

/** JobSpec of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface JobSpec {
  activeDeadlineSeconds?: Int64;
  backoffLimit?: number;
  backoffLimitPerIndex?: number;
  completionMode?: 'Indexed' | 'NonIndexed';
  completions?: number;
  managedBy?: string;
  manualSelector?: boolean;
  maxFailedIndexes?: number;
  parallelism?: number;
  podFailurePolicy?: PodFailurePolicy;
  podReplacementPolicy?: 'Failed' | 'TerminatingOrFailed';
  selector?: LabelSelector;
  successPolicy?: SuccessPolicy;
  suspend?: boolean;
  template: PodTemplateSpec;
  ttlSecondsAfterFinished?: number;
}

/** JobStatus of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface JobStatus {
  active?: number;
  completedIndexes?: string;
  completionTime?: string;
  conditions?: JobCondition[];
  failed?: number;
  failedIndexes?: string;
  ready?: number;
  startTime?: string;
  succeeded?: number;
  terminating?: number;
  uncountedTerminatedPods?: UncountedTerminatedPods;
}

/** JobTemplateSpec of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface JobTemplateSpec {
  metadata?: Partial<ObjectMeta>;
  spec?: JobSpec;
}

/** PodFailurePolicy of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface PodFailurePolicy {
  rules: PodFailurePolicyRule[];
}

/** PodFailurePolicyOnExitCodesRequirement of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface PodFailurePolicyOnExitCodesRequirement {
  containerName?: string;
  operator: 'In' | 'NotIn';
  values: number[];
}

/** PodFailurePolicyOnPodConditionsPattern of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface PodFailurePolicyOnPodConditionsPattern {
  status?: string;
  type: string;
}

/** PodFailurePolicyRule of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface PodFailurePolicyRule {
  action: 'Count' | 'FailIndex' | 'FailJob' | 'Ignore';
  onExitCodes?: PodFailurePolicyOnExitCodesRequirement;
  onPodConditions?: PodFailurePolicyOnPodConditionsPattern[];
}

/** SuccessPolicy of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface SuccessPolicy {
  rules: SuccessPolicyRule[];
}

/** SuccessPolicyRule of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface SuccessPolicyRule {
  succeededCount?: number;
  succeededIndexes?: string;
}

/** UncountedTerminatedPods of batch/v1, as the Kubernetes 1.36 API defines it. */
export interface UncountedTerminatedPods {
  failed?: string[];
  succeeded?: string[];
}
