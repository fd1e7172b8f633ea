/**
 * Sets of completion indexes, and the text in which the status of an Indexed Job carries them: intervals in increasing
 * order, `1,3-5,7`. A run of three or more is written with a dash, a run of two as two numbers.
 */

/** A run of consecutive indexes, both ends included. */
export interface IndexInterval {
  readonly first: number;
  readonly last: number;
}

/**
 * A set of non-negative integers, kept as maximal runs in increasing order.
 *
 * Looking an index up costs O(log runs). Adding one costs the same plus a move of the runs behind it, and next to nothing
 * for indexes that come in order. The text is cached until the set changes. So the cost of the hundred-thousandth
 * completion is that of the first as long as completions come in roughly the order of their start.
 */
export class IntervalSet {
  /** `#firsts[k]` to `#lasts[k]` is the k-th run; between two runs lies at least one missing index. */
  readonly #firsts: number[] = [];
  readonly #lasts: number[] = [];
  #size = 0;
  #text: string | undefined;

  /** A set of the given indexes. */
  constructor(indexes: Iterable<number> = []) {
    for (const index of indexes) this.add(index);
  }

  /**
   * Reads the text of a status leniently, as the Job controller does: parts that are no numbers are skipped, and what is
   * not below `limit` is cut off (a Job that was scaled down keeps its old text until its status is next written).
   */
  static parse(text: string, limit: number = Number.POSITIVE_INFINITY): IntervalSet {
    const set = new IntervalSet();
    if (text === '') return set;
    for (const part of text.split(',')) {
      const ends = part.split('-');
      const first = integerOf(ends[0]);
      const last = ends.length > 1 ? integerOf(ends[1]) : first;
      if (first === undefined || last === undefined) continue;
      if (first >= limit) break;
      if (last >= first) set.addRange(first, Math.min(last, limit - 1));
    }
    return set;
  }

  /** How many indexes the set holds. */
  get size(): number {
    return this.#size;
  }

  /** Whether the index is in the set. */
  has(index: number): boolean {
    const at = this.#runEndingAtOrAfter(index);
    return at < this.#firsts.length && (this.#firsts[at] as number) <= index;
  }

  /** Adds an index; answers whether it was new. */
  add(index: number): boolean {
    const before = this.#size;
    this.addRange(index, index);
    return this.#size > before;
  }

  /** Adds all indexes from `first` to `last`, both included. */
  addRange(first: number, last: number): void {
    if (last < first) return;
    // Runs that overlap the new one or touch it at either end become one with it.
    const from = this.#runEndingAtOrAfter(first - 1);
    let to = from;
    let [low, high, swallowed] = [first, last, 0];
    while (to < this.#firsts.length && (this.#firsts[to] as number) <= last + 1) {
      const [runFirst, runLast] = [this.#firsts[to] as number, this.#lasts[to] as number];
      low = Math.min(low, runFirst);
      high = Math.max(high, runLast);
      swallowed += runLast - runFirst + 1;
      to++;
    }
    const grown = high - low + 1 - swallowed;
    if (grown === 0) return;
    if (to === from + 1) {
      this.#firsts[from] = low;
      this.#lasts[from] = high;
    } else {
      this.#firsts.splice(from, to - from, low);
      this.#lasts.splice(from, to - from, high);
    }
    this.#size += grown;
    this.#text = undefined;
  }

  /** Adds every index of another set. */
  addAll(other: IntervalSet): void {
    for (const { first, last } of other.intervals()) this.addRange(first, last);
  }

  /** The smallest index from `from` on that is not in the set. */
  nextMissing(from = 0): number {
    const at = this.#runEndingAtOrAfter(from);
    const first = this.#firsts[at];
    return first !== undefined && first <= from ? (this.#lasts[at] as number) + 1 : from;
  }

  /** How many of the set's indexes are below `limit`. */
  sizeBelow(limit: number): number {
    if (limit > (this.#lasts.at(-1) ?? -1)) return this.#size;
    let count = 0;
    for (const { first, last } of this.intervals()) {
      if (first >= limit) break;
      count += Math.min(last, limit - 1) - first + 1;
    }
    return count;
  }

  /** The runs in increasing order. The set must not change while they are read. */
  *intervals(): Generator<IndexInterval> {
    for (let at = 0; at < this.#firsts.length; at++) {
      yield { first: this.#firsts[at] as number, last: this.#lasts[at] as number };
    }
  }

  /** The indexes in increasing order. The set must not change while they are read. */
  *[Symbol.iterator](): Generator<number> {
    for (const { first, last } of this.intervals())
      for (let index = first; index <= last; index++) yield index;
  }

  /** The text that a Job's status carries; empty for the empty set. */
  toString(): string {
    this.#text ??= this.#format();
    return this.#text;
  }

  #format(): string {
    const parts: string[] = [];
    for (const { first, last } of this.intervals()) {
      if (first === last) parts.push(String(first));
      else parts.push(`${first}${last === first + 1 ? ',' : '-'}${last}`);
    }
    return parts.join(',');
  }

  /** The position of the first run whose last index is not below `index`; one past the end when there is none. */
  #runEndingAtOrAfter(index: number): number {
    let [low, high] = [0, this.#lasts.length];
    if (high > 0 && (this.#lasts[high - 1] as number) < index) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lasts[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A decimal integer without fraction, exponent or spaces; negative ones are refused. */
function integerOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}
