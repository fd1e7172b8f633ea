/** Every Event that the Job controller records: reasons and messages as Kubernetes words them. */

import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { Job } from '../../apis/batch/index.ts';
import { USAGE_EVENT_REASON, usageIn, usageSentence } from '../../apis/core/index.ts';
import type { EventRecorder } from '../../client/index.ts';
import type { Verdict } from './conditions.ts';

/** Tells users what happens to their Jobs. */
export class JobEvents {
  readonly #recorder: EventRecorder;

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
  }

  podCreated(job: DeepReadonly<Job>, pod: string): void {
    this.#recorder.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod}`);
  }

  podNotCreated(job: DeepReadonly<Job>, error: unknown): void {
    this.#recorder.event(job, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
  }

  podDeleted(job: DeepReadonly<Job>, pod: string): void {
    this.#recorder.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod}`);
  }

  podNotDeleted(job: DeepReadonly<Job>, error: unknown): void {
    this.#recorder.event(job, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
  }

  turned(job: DeepReadonly<Job>, turned: 'suspended' | 'resumed'): void {
    if (turned === 'suspended') this.#recorder.event(job, 'Normal', 'Suspended', 'Job suspended');
    else this.#recorder.event(job, 'Normal', 'Resumed', 'Job resumed');
  }

  finished(job: DeepReadonly<Job>, end: Verdict): void {
    this.#used(job);
    if (end.type !== 'Complete') {
      this.#recorder.event(job, 'Warning', end.reason, end.message);
      return;
    }
    if (job.spec.completions !== undefined && (job.status.succeeded ?? 0) > job.spec.completions) {
      const message = 'Too many succeeded pods running after completion count reached';
      this.#recorder.event(job, 'Warning', 'TooManySucceededPods', message);
    }
    this.#recorder.event(job, 'Normal', 'Completed', 'Job completed');
  }

  /** What the Job used is told by an event too, which outlives the Job. */
  #used(job: DeepReadonly<Job>): void {
    const used = usageIn(job.metadata.annotations);
    if (used.size === 0) return;
    this.#recorder.event(job, 'Normal', USAGE_EVENT_REASON, usageSentence(used));
  }

  unknownCompletionMode(job: DeepReadonly<Job>): void {
    const message = 'Skipped Job sync because completion mode is unknown';
    this.#recorder.event(job, 'Warning', 'UnknownCompletionMode', message);
  }
}
