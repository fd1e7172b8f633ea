/**
 * The batch group in the server: jobs and cronjobs, each with its status.
 *
 * The rules themselves are in `apis/batch`; here is what the server does around them: generated selectors, generations,
 * which part of an object an endpoint may change, and the tables of `kubectl get`.
 */
export { cronJobs } from './cron-jobs.ts';
export { jobs } from './jobs.ts';
