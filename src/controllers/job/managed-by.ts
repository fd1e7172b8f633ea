/** `spec.managedBy`: Jobs that another controller runs (KEP-4368). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { JOB_CONTROLLER_NAME, type Job } from '../../apis/batch/index.ts';

/** Whether the Job is another controller's, so that this one leaves it and its pods alone. */
export function isManagedElsewhere(job: DeepReadonly<Job>): boolean {
  return (job.spec.managedBy ?? JOB_CONTROLLER_NAME) !== JOB_CONTROLLER_NAME;
}
