/**
 * Objects of one kind say mostly the same: a Job's pods differ in their names and their ends, and a pod differs from its
 * own last state in a line or two. What says the same is kept once, so that the memory follows what is different.
 */
import { isJsonObject } from '../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';

/** Places in the key space for which the last objects are remembered; beyond, all are forgotten and learnt anew. */
const PLACES_MAX = 1024;

type Parts = DeepReadonly<Record<string, unknown>>;

/** Remembers the last objects of each place, and lets new ones share with them. */
export class SharedParts {
  readonly #newest = new Map<string, Parts>();

  /**
   * Replaces parts of an object that is about to be stored by equal parts of its own last state, or of the object that
   * was last stored like it: created, when this one is, else changed. Nothing that the object says changes.
   */
  share(key: string, object: ApiObject, before: DeepReadonly<ApiObject> | undefined): void {
    const place = `${before === undefined ? '+' : '='}${key.slice(0, key.lastIndexOf('/'))}`;
    const next = object as unknown as Record<string, unknown>;
    shareMembers(next, before as Parts | undefined, this.#newest.get(place));
    if (this.#newest.size >= PLACES_MAX && !this.#newest.has(place)) this.#newest.clear();
    this.#newest.set(place, next);
  }
}

/** Shares with the first model where that says the same, else with the second. */
function shareMembers(
  next: Record<string, unknown> | unknown[],
  first: Parts | readonly unknown[] | undefined,
  second: Parts | readonly unknown[] | undefined,
): void {
  if (first === undefined && second === undefined) return;
  const members = next as Record<string, unknown>;
  for (const name in members) {
    // Assigning this one would set the prototype.
    if (name === '__proto__') continue;
    const member = members[name];
    const one = (first as Parts | undefined)?.[name];
    if (member === one) {
      // Equal texts are often two texts.
      if (typeof member === 'string') members[name] = one;
      continue;
    }
    const other = (second as Parts | undefined)?.[name];
    if (typeof member !== 'object' || member === null) {
      if (member === other && typeof member === 'string') members[name] = other;
    } else if (sameText(member, one)) members[name] = one;
    else if (sameText(member, other)) members[name] = other;
    else shareMembers(member as Record<string, unknown>, partsOf(one), partsOf(other));
  }
}

/** Whether two values have the same JSON text, apart from the order of members. */
function sameText(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let at = 0; at < a.length; at++) if (!sameText(a[at], b[at])) return false;
    return true;
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  let members = 0;
  for (const name in a) {
    if (!Object.hasOwn(b, name) || !sameText(a[name], b[name])) return false;
    members++;
  }
  for (const _ in b) members--;
  return members === 0;
}

function partsOf(value: unknown): Parts | readonly unknown[] | undefined {
  return typeof value === 'object' && value !== null ? (value as Parts) : undefined;
}
