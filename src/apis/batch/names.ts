/** The labels, annotations, finalizer and condition types by which Jobs and their pods are known. */

/** Label of a pod: name of its Job. */
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name';
/** Label of a pod: uid of its Job. The generated selector asks for it. */
export const CONTROLLER_UID_LABEL = 'batch.kubernetes.io/controller-uid';
/** {@link JOB_NAME_LABEL} as releases before 1.27 wrote it; still set. */
export const LEGACY_JOB_NAME_LABEL = 'job-name';
/** {@link CONTROLLER_UID_LABEL} as releases before 1.27 wrote it; still set. */
export const LEGACY_CONTROLLER_UID_LABEL = 'controller-uid';
/** Label and annotation of an Indexed Job's pod: its index. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
/** Finalizer of a pod that its Job has not counted yet. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
/** Annotation of a pod under backoffLimitPerIndex: failures of its index so far that count. */
export const INDEX_FAILURE_COUNT_ANNOTATION = 'batch.kubernetes.io/job-index-failure-count';
/** Annotation of a pod under backoffLimitPerIndex: failures of its index so far that a policy ignored. */
export const INDEX_IGNORED_FAILURE_COUNT_ANNOTATION = 'batch.kubernetes.io/job-index-ignored-failure-count';
/** Annotation of a CronJob's Job: the time it was scheduled for, RFC 3339 in the CronJob's zone. */
export const SCHEDULED_TIMESTAMP_ANNOTATION = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** Value of `spec.managedBy` for the Job controller of the server itself. */
export const JOB_CONTROLLER_NAME = 'kubernetes.io/job-controller';

/** The types of a Job's conditions. */
export type JobConditionType = 'Suspended' | 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet';
