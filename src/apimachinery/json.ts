/** Plain JSON values: copies, comparison, freezing. Safe for any key, also `__proto__`. */

/** The type with write access at any depth: undoes DeepReadonly. */
export type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;

/** An object of JSON. */
export type JsonObject = Record<string, unknown>;

/** Whether a value is an object of JSON: no array, not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets a member, also one named `__proto__`, which an assignment would take for the prototype. */
export function setMember(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else object[key] = value;
}

/** The object's own member; undefined for what it only inherits, such as `constructor`. */
export function ownMember(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A copy that shares nothing with the value. Members that are undefined are left out, as encoding would. */
export function cloneJson<T>(value: T): Mutable<T> {
  return copy(value) as Mutable<T>;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  // map() makes a list of that length; one that grows item by item has room for sixteen more.
  if (Array.isArray(value)) return value.map((item) => copy(item));
  const result: JsonObject = {};
  for (const key in value) {
    const member = (value as JsonObject)[key];
    if (member === undefined) continue;
    const copied = typeof member === 'object' ? copy(member) : member;
    if (key === '__proto__') setMember(result, key, copied);
    else result[key] = copied;
  }
  return result;
}

/** Whether two values are the same JSON; a member that is undefined counts as absent, the order of members does not. */
export function deepEqualJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let at = 0; at < a.length; at++) if (!deepEqualJson(a[at], b[at])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const left = a as JsonObject;
  const right = b as JsonObject;
  let surplus = 0;
  for (const key in left) {
    if (left[key] === undefined) continue;
    if (!Object.hasOwn(right, key) || !deepEqualJson(left[key], right[key])) return false;
    surplus++;
  }
  for (const key in right) if (right[key] !== undefined) surplus--;
  return surplus === 0;
}

/** Freezes a value at any depth and answers it: for tests that want to see a write to something shared. */
export function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freezeDeep(member);
  }
  return value;
}
