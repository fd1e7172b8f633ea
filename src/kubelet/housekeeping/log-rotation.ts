/** Looks at the logs of running containers now and then, and has those rotated that have grown too large. */
import type { Clock, Timer } from '../../apimachinery/clock.ts';
import { type LogLimits, rotateLog } from '../logs/index.ts';
import { isLive } from '../pod/pod-view.ts';
import type { PodWorker } from '../pod/pod-worker.ts';
import type { PodDirectories } from '../pod-directories.ts';
import type { Runtime } from '../runtimes/runtime.ts';

/** Milliseconds between two looks (the kubelet's containerLogMonitorInterval). */
const LOOK_MS = 10_000;

/** See the file's head. */
export class LogRotation {
  readonly #clock: Clock;
  readonly #runtime: Runtime;
  readonly #directories: PodDirectories;
  readonly #limits: LogLimits;
  readonly #workers: () => Iterable<PodWorker>;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(
    clock: Clock,
    runtime: Runtime,
    directories: PodDirectories,
    limits: LogLimits,
    workers: () => Iterable<PodWorker>,
  ) {
    this.#clock = clock;
    this.#runtime = runtime;
    this.#directories = directories;
    this.#limits = limits;
    this.#workers = workers;
  }

  start(): void {
    if (this.#stopped) return;
    const look = (): void => {
      void this.#look().finally(() => this.start());
    };
    this.#timer = this.#clock.after(LOOK_MS, look, { background: true });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const stamp = new Date(this.#clock.now())
      .toISOString()
      .slice(0, 19)
      .replaceAll(/[-:]/g, '')
      .replace('T', '-');
    for (const worker of this.#workers()) {
      const { name, namespace = '', uid } = worker.pod.metadata;
      for (const { run, spec } of worker.view.containers) {
        if (run === undefined || !isLive(run)) continue;
        const path = this.#directories.logFile({ name, namespace, uid }, spec.name, run.attempt);
        const reopen = (): Promise<void> => this.#runtime.reopenContainerLog(run.id);
        // One that could not be rotated now is looked at again next time, and stands in no other's way.
        await rotateLog(path, { ...this.#limits, stamp, reopen }).catch(() => {});
      }
    }
  }
}
