import { HISTORY_CHARACTERS_MAX, HISTORY_EVENTS_MAX, History } from './history.ts';
import { SortedSlots } from './sorted-slots.ts';
import {
  type ListOptions,
  type ListPage,
  StorageError,
  type StorageEvent,
  type StoredObject,
} from './storage.ts';

/** A key's place in the state; `stored` moves on with each revision. */
interface StateSlot {
  readonly key: string;
  stored: StoredObject;
}

/** How much of the past a state keeps. */
export interface HistoryLimits {
  /** How many changes are kept. */
  readonly events?: number;
  /** How many characters of JSON they may have together. */
  readonly characters?: number;
}

/** The keys under a prefix that ends with `/` are those from it to this one: `0` follows `/`. */
function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

/** Everything that is committed, in memory: the newest state, and as much of the past as {@link History} keeps. */
export class State {
  readonly #slots = new Map<string, StateSlot>();
  readonly #order = new SortedSlots<StateSlot>();
  readonly #history: History;
  #revision: number;
  /** The oldest revision of which lists may still be had. */
  #listed = 0;

  /** @param stored what a log has given back, in any order. */
  constructor(revision: number, stored: readonly StoredObject[], limits: HistoryLimits = {}) {
    this.#revision = revision;
    this.#history = new History(
      revision,
      limits.events ?? HISTORY_EVENTS_MAX,
      limits.characters ?? HISTORY_CHARACTERS_MAX,
    );
    const slots = stored.map((each): StateSlot => ({ key: each.key, stored: each }));
    for (const slot of slots) this.#slots.set(slot.key, slot);
    this.#order.load(slots);
  }

  /** The newest revision. */
  get revision(): number {
    return this.#revision;
  }

  /** The newest state of a key. */
  get(key: string): StoredObject | undefined {
    return this.#slots.get(key)?.stored;
  }

  /** How many keys lie under the prefix. */
  count(prefix: string): number {
    return this.#order.rank(endOf(prefix)) - this.#order.rank(prefix);
  }

  /** Takes on the next change; `size` is the length of its object's JSON. */
  apply(event: StorageEvent, stored: StoredObject | undefined, size: number): void {
    this.#revision = event.revision;
    this.#history.push(event, size);
    const slot = this.#slots.get(event.key);
    if (stored === undefined) {
      this.#slots.delete(event.key);
      this.#order.remove(event.key);
    } else if (slot === undefined) {
      const fresh: StateSlot = { key: event.key, stored };
      this.#slots.set(event.key, fresh);
      this.#order.insert(fresh);
    } else {
      slot.stored = stored;
    }
  }

  /** Throws unless what happened after `revision` is still known. */
  assertKnown(revision: number): void {
    if (revision > this.#revision) {
      throw new StorageError('future-revision', `revision ${revision} is not reached: ${this.#revision} is`);
    }
    if (revision < this.#history.floor) {
      const floor = this.#history.floor;
      throw new StorageError('compacted', `revision ${revision} is forgotten: the oldest known is ${floor}`);
    }
  }

  /** Lists of states before that revision are forgotten, whatever the history still has. */
  expireLists(before: number): void {
    this.#listed = Math.max(this.#listed, before);
  }

  /** Forgets all states but the newest. */
  forgetPast(): void {
    this.#history.clear();
  }

  /** The changes under a prefix after `revision`, oldest first. */
  changesSince(prefix: string, revision: number): readonly StorageEvent[] {
    this.assertKnown(revision);
    const events: StorageEvent[] = [];
    this.#history.since(revision, (event) => {
      if (event.key.startsWith(prefix)) events.push(event);
    });
    return events;
  }

  /** A page of the keys under a prefix, in key order. */
  list(prefix: string, options: ListOptions): ListPage {
    const revision = options.revision ?? this.#revision;
    if (revision < this.#listed) {
      throw new StorageError(
        'compacted',
        `revision ${revision} has expired: the oldest listed is ${this.#listed}`,
      );
    }
    const low = options.after === undefined || options.after < prefix ? prefix : `${options.after}\0`;
    const high = endOf(prefix);
    const limit = options.limit || Number.POSITIVE_INFINITY;
    if (low >= high) {
      this.assertKnown(revision);
      return { items: [], revision, more: false, remaining: 0 };
    }
    if (revision !== this.#revision) return this.#listPast(revision, low, high, limit);
    const items: StoredObject[] = [];
    this.#order.visit(low, high, (slot) => {
      if (items.length === limit) return false;
      items.push(slot.stored);
      return true;
    });
    const remaining =
      limit === Number.POSITIVE_INFINITY ? 0 : this.#order.rank(high) - this.#order.rank(low) - items.length;
    return { items, revision, more: remaining > 0, remaining };
  }

  /**
   * The same as of an older revision: the newest state, with each key that has changed since put back to what it was
   * before its first change after that revision.
   */
  #listPast(revision: number, low: string, high: string, limit: number): ListPage {
    this.assertKnown(revision);
    const changed = new Map<string, StoredObject | undefined>();
    this.#history.since(revision, ({ key, previous }) => {
      if (key >= low && key < high && !changed.has(key)) changed.set(key, previous);
    });
    const restored: StoredObject[] = [];
    let total = this.#order.rank(high) - this.#order.rank(low);
    for (const [key, previous] of changed) {
      if (this.#slots.has(key)) total--;
      if (previous !== undefined) restored.push(previous);
    }
    total += restored.length;
    restored.sort((a, b) => (a.key < b.key ? -1 : 1));

    const items: StoredObject[] = [];
    let next = 0;
    const takeRestoredBefore = (key: string): void => {
      for (let past = restored[next]; past !== undefined && past.key < key; past = restored[++next]) {
        if (items.length === limit) return;
        items.push(past);
      }
    };
    this.#order.visit(low, high, (slot) => {
      if (changed.has(slot.key)) return true;
      takeRestoredBefore(slot.key);
      if (items.length === limit) return false;
      items.push(slot.stored);
      return true;
    });
    takeRestoredBefore(high);
    const remaining = total - items.length;
    return { items, revision, more: remaining > 0, remaining };
  }
}
