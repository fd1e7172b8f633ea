/** Opens containers' logs for readers, with the answers of the kubelet where there is nothing to read. */

import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newBadRequest } from '../../apimachinery/status-error.ts';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import type { PodLogOptions } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { readLogFile } from '../logs/index.ts';
import { type ContainerRecord, isLive, recordOf } from '../pod/pod-view.ts';
import type { PodWorker } from '../pod/pod-worker.ts';
import type { PodDirectories } from '../pod-directories.ts';

/** See the file's head. */
export class LogService {
  readonly #clock: Clock;
  readonly #directories: PodDirectories;
  readonly #workerOf: (uid: string) => PodWorker | undefined;
  readonly #stopped = new AbortController();

  constructor(clock: Clock, directories: PodDirectories, workerOf: (uid: string) => PodWorker | undefined) {
    this.#clock = clock;
    this.#directories = directories;
    this.#workerOf = workerOf;
  }

  /** Rejects with the StatusError that the client gets when there is nothing to read. */
  async open(
    pod: DeepReadonly<Pod>,
    request: PodLogOptions,
    signal: AbortSignal | undefined,
  ): Promise<AsyncIterable<Uint8Array>> {
    const { container, follow, timestamps, tailLines, limitBytes } = request;
    const { name, namespace = '', uid } = pod.metadata;
    const attempt = this.#attempt(pod, request);
    const path = this.#directories.logFile({ name, namespace, uid }, container, attempt);
    const since = this.#since(request);
    const wanted = {
      follow,
      timestamps,
      ...(tailLines === undefined ? {} : { tailLines }),
      ...(limitBytes === undefined ? {} : { limitBytes }),
      ...(since === undefined ? {} : { since }),
    };
    const mayGrow = (): boolean => !request.previous && this.#mayGrow(uid, container, attempt);
    const onChange = (changed: () => void): (() => void) => this.#workerOf(uid)?.onEnd(changed) ?? (() => {});
    const ended =
      signal === undefined ? this.#stopped.signal : AbortSignal.any([signal, this.#stopped.signal]);
    return orNothing(readLogFile(path, wanted, { clock: this.#clock, mayGrow, onChange, signal: ended }));
  }

  /** Ends every log that is being followed, so that no reader outlives the node agent. Idempotent. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Which run's log is meant; throws when there is none. */
  #attempt(pod: DeepReadonly<Pod>, { container, previous }: PodLogOptions): number {
    const worker = this.#workerOf(pod.metadata.uid);
    const record = worker === undefined ? undefined : recordOf(worker.view, container);
    const all = [
      ...(pod.status.containerStatuses ?? []),
      ...(pod.status.initContainerStatuses ?? []),
      ...(pod.status.ephemeralContainerStatuses ?? []),
    ];
    const status = all.find((each) => each.name === container);
    const last = record === undefined ? lastAttempt(status) : lastRun(record);
    const where = `container "${container}" in pod "${pod.metadata.name}"`;
    if (previous) {
      // A container that waits to run again has its last run as the previous one.
      const waits =
        record === undefined ? status?.state?.waiting !== undefined : record.waiting !== undefined;
      const wanted = waits ? last : last === undefined ? undefined : last - 1;
      if (wanted === undefined || wanted < 0) throw newBadRequest(`previous terminated ${where} not found`);
      return wanted;
    }
    if (last !== undefined) return last;
    const reason = record?.waiting?.reason ?? status?.state?.waiting?.reason ?? 'ContainerCreating';
    throw newBadRequest(`${where} is waiting to start: ${WAITING[reason] ?? reason}`);
  }

  #mayGrow(uid: string, container: string, attempt: number): boolean {
    const worker = this.#workerOf(uid);
    const run = worker === undefined ? undefined : recordOf(worker.view, container)?.run;
    return run !== undefined && run.attempt === attempt && isLive(run);
  }

  #since({ sinceSeconds, sinceTime }: PodLogOptions): number | undefined {
    if (sinceTime !== undefined) return Date.parse(sinceTime);
    return sinceSeconds === undefined ? undefined : this.#clock.now() - sinceSeconds * 1000;
  }
}

const WAITING: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

function lastAttempt(
  status: DeepReadonly<NonNullable<Pod['status']['containerStatuses']>[number]> | undefined,
) {
  const { running, terminated } = status?.state ?? {};
  const ran = running ?? terminated ?? status?.lastState?.terminated;
  return ran === undefined ? undefined : status?.restartCount;
}

/** The newest run that has begun: its log is there. */
function lastRun({ run }: ContainerRecord): number | undefined {
  if (run?.state !== 'created') return run?.attempt;
  return run.attempt > 0 ? run.attempt - 1 : undefined;
}

/** A log that was never begun, or is gone already, is an empty one. */
async function* orNothing(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
}
