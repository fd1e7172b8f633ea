/** What an ordered index holds: something with a key that never changes. */
export interface Slot {
  readonly key: string;
}

/** Keys in a chunk before it is split in two: keeps an insertion's copying short and the list of chunks too. */
const CHUNK_KEYS_MAX = 512;

/**
 * An ordered index: slots in ascending key order (by UTF-16 code unit), held in chunks so that an insertion or removal
 * among n keys costs two binary searches and one short copy.
 */
export class SortedSlots<S extends Slot> {
  #chunks: S[][] = [];
  #size = 0;

  /** How many slots there are. */
  get size(): number {
    return this.#size;
  }

  /** Replaces everything by `slots`, which need not be in order yet; keys must differ. */
  load(slots: S[]): void {
    slots.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#chunks = [];
    for (let at = 0; at < slots.length; at += CHUNK_KEYS_MAX / 2) {
      this.#chunks.push(slots.slice(at, at + CHUNK_KEYS_MAX / 2));
    }
    this.#size = slots.length;
  }

  /** Adds a slot whose key is not there yet. */
  insert(slot: S): void {
    const at = Math.max(0, this.#chunkOf(slot.key));
    const chunk = this.#chunks[at];
    this.#size++;
    if (chunk === undefined) {
      this.#chunks.push([slot]);
      return;
    }
    chunk.splice(lowerBound(chunk, slot.key), 0, slot);
    if (chunk.length > CHUNK_KEYS_MAX) {
      this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_KEYS_MAX / 2));
    }
  }

  /** Takes the slot of that key away, if there is one. */
  remove(key: string): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const within = lowerBound(chunk, key);
    if (chunk[within]?.key !== key) return;
    chunk.splice(within, 1);
    this.#size--;
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** How many keys are less than `key`. */
  rank(key: string): number {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return 0;
    let before = 0;
    for (let each = 0; each < at; each++) before += this.#chunks[each]?.length ?? 0;
    return before + lowerBound(chunk, key);
  }

  /** Shows the slots from `low` (inclusive) to `high` (exclusive) in order, until `visit` answers false. */
  visit(low: string, high: string, visit: (slot: S) => boolean): void {
    let within = -1;
    for (let at = Math.max(0, this.#chunkOf(low)); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] ?? [];
      for (within = within < 0 ? lowerBound(chunk, low) : 0; within < chunk.length; within++) {
        const slot = chunk[within];
        if (slot === undefined || slot.key >= high || !visit(slot)) return;
      }
    }
  }

  /** The last chunk whose first key is not greater than `key`; -1 when all are greater. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = this.#chunks[middle]?.[0];
      if (first !== undefined && first.key <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Where in an ordered chunk the first key not less than `key` stands. */
function lowerBound(chunk: readonly Slot[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const slot = chunk[middle];
    if (slot !== undefined && slot.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
