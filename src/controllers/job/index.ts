/**
 * The Job controller: runs batch/v1 Jobs as Kubernetes 1.36 does. Upstream: pkg/controller/job.
 *
 * What it is: a component that keeps, for each Job, the right number of pods, counts the ones that end, and writes the
 * Job's status and events.
 *
 * What it guarantees: no pod is counted twice or lost and no index runs twice at once, wherever it is stopped and however
 * late its watch is (KEP-2307's two steps); a sync costs what has changed since the last one, whatever the Job's size;
 * Jobs that `spec.managedBy` gives to somebody else are left alone.
 *
 * What it does not do: it deletes no Jobs (ttl-after-finished) and no pods of deleted Jobs (garbage-collector); it binds
 * and runs no pods.
 */
export { newJobController } from './job-controller.ts';
