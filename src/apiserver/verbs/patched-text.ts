/**
 * The text of a patched object as upstream's messages show it. Its patch libraries write the maps that a patch reaches into
 * with their keys sorted, and leave the rest as Go had written it.
 */
import { goJson, sortedMembers } from '../../apimachinery/go-text.ts';
import { isJsonObject, type JsonObject, setMember } from '../../apimachinery/json.ts';
import { type FieldSchema, inWireOrder } from '../../apimachinery/schema/index.ts';

/** Applies the patch to an object. */
export type ApplyPatch = (old: object) => object;

/** See the file's head. `old` is the object before the patch, `body` a merge patch or the list of a JSON patch. */
export function patchedText(old: object, body: unknown, schema: FieldSchema, apply: ApplyPatch): string {
  const before = inWireOrder(schema, old) as JsonObject;
  const after = apply(before);
  if (Array.isArray(body)) return goJson(body.reduce(sortAlong, after));
  return goJson(sortMerged(after, before, body));
}

/** Sorts the maps that one operation of a JSON patch goes through. */
function sortAlong(object: unknown, operation: unknown): unknown {
  const { path, from } = (operation ?? {}) as { readonly path?: unknown; readonly from?: unknown };
  let sorted = object;
  for (const pointer of [from, path]) {
    if (typeof pointer === 'string') sorted = sortOn(sorted, pointer.split('/').slice(1));
  }
  return sorted;
}

/** Sorts the map where a pointer starts and each below it but the last member, which is the value itself. */
function sortOn(value: unknown, pointer: readonly string[]): unknown {
  const [first = '', ...rest] = pointer;
  const key = first.replaceAll('~1', '/').replaceAll('~0', '~');
  if (Array.isArray(value)) {
    return value.map((item, at) => (String(at) === key && rest.length > 0 ? sortOn(item, rest) : item));
  }
  if (!isJsonObject(value)) return value;
  const sorted = sortedMembers(value);
  if (rest.length > 0 && Object.hasOwn(sorted, key)) setMember(sorted, key, sortOn(sorted[key], rest));
  return sorted;
}

/** Sorts the maps that a merge patch changes or brings. */
function sortMerged(after: unknown, before: unknown, patch: unknown): unknown {
  if (!isJsonObject(after) || !isJsonObject(patch)) {
    return isJsonObject(before) ? after : sortAll(after, patch);
  }
  const sorted = sortedMembers(after);
  for (const [key, part] of Object.entries(patch)) {
    if (part === null || !Object.hasOwn(sorted, key)) continue;
    const old = isJsonObject(before) && Object.hasOwn(before, key) ? before[key] : undefined;
    setMember(sorted, key, sortMerged(sorted[key], old, part));
  }
  return sorted;
}

/** Sorts the maps in a list that takes the place of what was no map: upstream looks for nulls in them. */
function sortAll(after: unknown, patch: unknown): unknown {
  if (!Array.isArray(after) || !Array.isArray(patch)) return after;
  return after.map((item, at) => sortMerged(item, undefined, patch[at]));
}
