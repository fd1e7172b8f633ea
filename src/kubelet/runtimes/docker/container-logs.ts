/** The logs of all containers of this runtime: one pump for each whose output is not all taken over yet. */
import { hasPlace, type LogPlace, LogPump, type LogPumpOptions } from './log-pump.ts';

/** Milliseconds that the rest of an ended container's output may take to come; what comes later is taken over still. */
const REST_MS_MAX = 10_000;

/** See the file's head. */
export class ContainerLogs {
  readonly #options: LogPumpOptions;
  readonly #pumps = new Map<string, LogPump>();

  constructor(options: LogPumpOptions) {
    this.#options = options;
  }

  /** Takes over what that container prints, from where its log ends, once `begun` resolves. */
  begin(place: LogPlace, begun: Promise<unknown>): void {
    if (this.#pumps.has(place.id)) return;
    const pump = new LogPump(this.#options, place, begun);
    this.#pumps.set(place.id, pump);
    void pump.over.then(() => this.#pumps.delete(place.id));
  }

  /**
   * The same for containers of an earlier process, unless their pods' logs are gone: all that run at once, and one after the
   * other what may be left of those that have ended.
   */
  adopt(running: readonly LogPlace[], ended: readonly LogPlace[]): void {
    for (const place of running) if (hasPlace(place)) this.begin(place, Promise.resolve());
    let before: Promise<void> = Promise.resolve();
    for (const place of ended) {
      if (!hasPlace(place)) continue;
      this.begin(place, before);
      before = this.#pumps.get(place.id)?.over ?? before;
    }
  }

  /** Resolves when all that an ended container printed is in its log. */
  async whole(id: string): Promise<void> {
    const pump = this.#pumps.get(id);
    if (pump === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(REST_MS_MAX, resolve);
    void pump.over.then(resolve);
    await promise;
    timer.cancel();
  }

  /** Begins a new file for a container whose log was renamed. */
  reopen(id: string): void {
    this.#pumps.get(id)?.reopen();
  }

  /** The container is removed. */
  forget(id: string): void {
    this.#pumps.get(id)?.stop();
  }

  /** Takes over nothing from now on. */
  async close(): Promise<void> {
    const pumps = [...this.#pumps.values()];
    for (const pump of pumps) pump.stop();
    await Promise.all(pumps.map(({ over }) => over));
  }
}
