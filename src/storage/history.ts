import type { StorageEvent } from './storage.ts';

/**
 * Changes kept for watches that start in the past and lists of an older revision: at ten thousand writes a second more
 * than a second of history, at a hundred writes a second nearly three minutes.
 */
export const HISTORY_EVENTS_MAX = 16_384;

/** JSON characters that the kept changes may have together, so that large objects cannot fill the memory with old states. */
export const HISTORY_CHARACTERS_MAX = 32 * 1024 * 1024;

/**
 * The most recent changes, oldest forgotten first. Revisions follow each other without a gap, so a change is found by
 * arithmetic.
 */
export class History {
  /** The newest revision that is forgotten: changes after it are all here. */
  #floor: number;
  #events: (StorageEvent | undefined)[] = [];
  #sizes: number[] = [];
  /** Where in the arrays the oldest kept change stands; what is before it has been forgotten. */
  #head = 0;
  #characters = 0;
  readonly #eventsMax: number;
  readonly #charactersMax: number;

  /** @param revision the newest revision there is, whose past is not known. */
  constructor(revision: number, eventsMax = HISTORY_EVENTS_MAX, charactersMax = HISTORY_CHARACTERS_MAX) {
    this.#floor = revision;
    this.#eventsMax = eventsMax;
    this.#charactersMax = charactersMax;
  }

  /** The oldest revision whose state can still be told, and from which a watch can still start. */
  get floor(): number {
    return this.#floor;
  }

  /** Adds the next change; `size` is the length of its object's JSON. */
  push(event: StorageEvent, size: number): void {
    this.#events.push(event);
    this.#sizes.push(size);
    this.#characters += size;
    while (this.#events.length - this.#head > this.#eventsMax || this.#characters > this.#charactersMax) {
      this.#forgetOldest();
    }
  }

  /** Shows every change after `revision`, oldest first; `revision` must not be less than {@link floor}. */
  since(revision: number, visit: (event: StorageEvent) => void): void {
    for (let at = this.#head + revision - this.#floor; at < this.#events.length; at++) {
      const event = this.#events[at];
      if (event !== undefined) visit(event);
    }
  }

  /** Forgets every change. */
  clear(): void {
    while (this.#events.length > this.#head) this.#forgetOldest();
  }

  #forgetOldest(): void {
    this.#characters -= this.#sizes[this.#head] ?? 0;
    this.#events[this.#head] = undefined;
    this.#head++;
    this.#floor++;
    if (this.#head > this.#eventsMax) {
      this.#events = this.#events.slice(this.#head);
      this.#sizes = this.#sizes.slice(this.#head);
      this.#head = 0;
    }
  }
}
