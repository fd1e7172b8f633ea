import { type FSWatcher, watch } from 'node:fs';
import type { Clock, Timer } from '../../../apimachinery/clock.ts';

/** Milliseconds between two looks: where file systems tell of changes, nothing waits for it. */
const LOOK_MS = 1_000;

/** Calls back soon after something in a directory changed, and now and then whether it did or not. Keeps no process alive. */
export class DirectoryWatch {
  readonly #clock: Clock;
  readonly #look: () => void;
  readonly #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;
  #isDue = false;
  #stopped = false;

  constructor(clock: Clock, path: string, look: () => void) {
    this.#clock = clock;
    this.#look = look;
    this.#watcher = this.#listen(path);
    this.#lookLater();
  }

  /** Calls back no more. Idempotent. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#watcher?.close();
  }

  #listen(path: string): FSWatcher | undefined {
    try {
      const watcher = watch(path, { persistent: false }, () => this.#lookSoon());
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined; // No notifications here: looking now and then has to do.
    }
  }

  #lookLater(): void {
    if (this.#stopped) return;
    const look = (): void => {
      this.#look();
      this.#lookLater();
    };
    this.#timer = this.#clock.after(LOOK_MS, look, { background: true });
  }

  /** Many changes at a time are one reason to look. */
  #lookSoon(): void {
    if (this.#isDue || this.#stopped) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (!this.#stopped) this.#look();
    });
  }
}
