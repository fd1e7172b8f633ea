/**
 * What was told about pods in events and not in their status: why none can be made, what holds a start up, and why a
 * container was killed. Pure.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Job } from '../../apis/batch/types.ts';
import type { Event, Pod } from '../../apis/core/types.ts';
import { eventTime } from '../wording/event-time.ts';

/** Reasons of events about what a pod needs before its first container. */
const BEFORE_START = ['FailedMount', 'FailedCreatePodSandBox', 'FailedAttachVolume'];
/** Probes that cost a container its life; a failed readiness probe does not. */
const FATAL_PROBE = /^(Liveness|Startup) probe /;

/** See the file's head. */
export class PodWarnings {
  /** The newest last. */
  readonly #events: readonly DeepReadonly<Event>[];

  /** @param events of any objects; those of Jobs and pods are looked at. */
  constructor(events: readonly DeepReadonly<Event>[]) {
    this.#events = events.toSorted((a, b) => eventTime(a) - eventTime(b));
  }

  /** Why the last try to make a pod for the Job failed. */
  ofCreation(job: DeepReadonly<Job>): string | undefined {
    return this.#newest(job, ({ reason }) => reason === 'FailedCreate')?.replace(/^Error creating: /, '');
  }

  /** What holds the start of a pod up. */
  ofStart(pod: DeepReadonly<Pod>): string | undefined {
    return this.#newest(pod, ({ reason = '' }) => BEFORE_START.includes(reason));
  }

  /** Which probe it was that ended a container of the pod. */
  ofEnd(pod: DeepReadonly<Pod>): string | undefined {
    return this.#newest(
      pod,
      ({ reason, message = '' }) => reason === 'Unhealthy' && FATAL_PROBE.test(message),
    );
  }

  #newest(
    { metadata }: DeepReadonly<Job | Pod>,
    matches: (event: DeepReadonly<Event>) => boolean,
  ): string | undefined {
    const found = this.#events.findLast(
      (event) => event.involvedObject.uid === metadata.uid && matches(event),
    );
    return found?.message;
  }
}
