/**
 * The CronJob controller: starts Jobs at the times of their CronJobs, as Kubernetes 1.36 does. Upstream:
 * pkg/controller/cronjob.
 *
 * What it is: a component that waits for each CronJob's next time, starts its Job under the concurrency policy, keeps the
 * list of active Jobs, and deletes finished Jobs beyond the history limits.
 *
 * What it guarantees: no time gets two Jobs; a time that gets none is told of; waiting costs a timer and no polling.
 *
 * What it does not do: it runs no pods (job).
 */
export { type CronJobControllerOptions, newCronJobController } from './cronjob-controller.ts';
