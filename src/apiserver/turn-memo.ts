/**
 * What was made of some objects, each once, until the turn of the loop is over: a commit is told to all its watchers in one
 * turn. A WeakMap would do as much, but grows with every commit until the collector comes, and a table of a hundred
 * thousand dead keys takes milliseconds when it is cleared up.
 */
export class TurnMemo<K, V> {
  readonly #make: (key: K) => V;
  readonly #made = new Map<K, V>();
  readonly #forget = (): void => this.#made.clear();

  /** @param make makes the value of a key; the same key gets the same value for the rest of the turn. */
  constructor(make: (key: K) => V) {
    this.#make = make;
  }

  /** The value of a key, told apart by identity. */
  of(key: K): V {
    let value = this.#made.get(key);
    if (value === undefined) {
      value = this.#make(key);
      if (this.#made.size === 0) queueMicrotask(this.#forget);
      this.#made.set(key, value);
    }
    return value;
  }
}
