/** Whether the container runtime is well, as the node tells it: one that is away for a moment, as when it is restarted, is. */

import { type Clock, sleep } from '../../apimachinery/clock.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { Runtime, RuntimeStatus } from '../runtimes/runtime.ts';

/** Milliseconds for which a runtime may give no answer before it counts as down, as with the kubelet. */
const SILENT_MS_MAX = 30_000;
/** Milliseconds after which a question counts as not answered: a runtime that hangs must not hang its node. */
const ANSWER_MS_MAX = 5_000;

/** See the file's head. */
export class RuntimeHealth {
  readonly #clock: Clock;
  readonly #runtime: Pick<Runtime, 'status'>;
  #last: { readonly status: RuntimeStatus; readonly at: number } | undefined;

  constructor(clock: Clock, runtime: Pick<Runtime, 'status'>) {
    this.#clock = clock;
    this.#runtime = runtime;
  }

  /** What the runtime says, or said last; it never rejects, and takes a few seconds at most. */
  async look(): Promise<RuntimeStatus> {
    try {
      const status = await this.#ask();
      this.#last = { status, at: this.#clock.monotonic() };
      return status;
    } catch (error) {
      const silent = this.#clock.monotonic() - (this.#last?.at ?? Number.NEGATIVE_INFINITY);
      if (this.#last !== undefined && silent < SILENT_MS_MAX) return this.#last.status;
      const why = messageOf(error);
      return { ready: false, networkReady: false, message: `container runtime is down: ${why}` };
    }
  }

  async #ask(): Promise<RuntimeStatus> {
    const answered = new AbortController();
    const late = sleep(this.#clock, ANSWER_MS_MAX, answered.signal).then(() => {
      throw new Error(`no answer in ${ANSWER_MS_MAX / 1000} s`);
    });
    try {
      return await Promise.race([this.#runtime.status(), late]);
    } finally {
      answered.abort();
    }
  }
}
