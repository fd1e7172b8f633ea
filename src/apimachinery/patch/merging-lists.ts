/** Lists under a strategic merge patch: which items are merged, and in which order they then stand. */
import { goValue } from '../go-text.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';
import { newPatchFailure, newPatchRejected } from './rejection.ts';

type Items = readonly unknown[];
/** Merges an object into another by the schema of both. */
type MergeObjects = (original: JsonObject, patch: JsonObject, schema: FieldSchema | undefined) => JsonObject;

/** How a field is patched: `merge`, `replace` or, empty, as its type is by default. */
export function patchStrategy(field: FieldSchema | undefined): string {
  return field?.patchStrategies.find((strategy) => strategy !== 'retainKeys') ?? '';
}

/** Merges a list of the patch into one of the document; items are the same when their merge keys (or they) are. */
export function mergeLists(
  original: Items,
  patch: Items,
  field: FieldSchema | undefined,
  mergeObjects: MergeObjects,
): Items {
  if (original.length === 0 && patch.length === 0) return original;
  if (!areObjects(original, patch)) {
    const merged = [...new Set([...original, ...patch])];
    return inOrder(merged, patch, original, undefined);
  }
  const key = field?.patchMergeKey;
  if (key === undefined) throw newPatchFailure('cannot merge lists without merge key for struct');
  const special = applySpecialItems(original as JsonObject[], patch as JsonObject[], key);
  const merged = mergeItems(special.original, special.patch, key, field?.items, mergeObjects);
  return inOrder(merged, special.patch, special.original, key);
}

/** Takes the values of a list of scalars out of another. */
export function deleteMatching(current: Items, values: Items): Items {
  if (current.length === 0 && values.length === 0) return current;
  areObjects(current, values);
  const gone = new Set(values);
  return current.filter((item) => !gone.has(item));
}

/**
 * Merges two lists, either of which may be missing, and brings the result into the order that the patch asks for: items it
 * names in its order, the others where they stood among them. Undefined when both are missing.
 */
export function reorder(
  current: Items | undefined,
  patch: Items | undefined,
  order: Items,
  field: FieldSchema | undefined,
  mergeObjects: MergeObjects,
  withoutDirectives: (value: unknown) => unknown,
): Items | undefined {
  const key = field?.patchMergeKey;
  checkOrder(patch ?? [], order, key);
  if (current === undefined && patch === undefined) return undefined;
  let merged: Items;
  if (patch === undefined) merged = current ?? [];
  else if (current === undefined) merged = withoutDirectives(patch) as Items;
  else {
    merged = patchStrategy(field) === 'merge' ? mergeLists(current, patch, field, mergeObjects) : patch;
  }
  if ((current?.length ?? 0) + (patch?.length ?? 0) === 0) {
    throw newPatchFailure('no elements in any of the given slices');
  }
  areObjects(current ?? [], patch ?? []);
  return inOrder(merged, order, current ?? [], key);
}

/** Whether both lists hold objects; throws when they are not of one sort. */
function areObjects(...lists: readonly Items[]): boolean {
  let sort: string | undefined;
  for (const list of lists) {
    for (const item of list) {
      const each = sortOf(item);
      if (sort === undefined && each === 'list') throw newPatchRejected();
      sort ??= each;
      if (each !== sort) throw newPatchFailure(`list element types are not identical: ${goValue(lists)}`);
    }
  }
  return sort === 'object';
}

function sortOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  return value === null ? 'null' : typeof value;
}

/** Carries out items of the patch that hold `$patch`. */
function applySpecialItems(
  original: readonly JsonObject[],
  patch: readonly JsonObject[],
  key: string,
): { readonly original: readonly JsonObject[]; readonly patch: readonly JsonObject[] } {
  const plain: JsonObject[] = [];
  const deleted = new Set<unknown>();
  let replaces = false;
  for (const item of patch) {
    const directive = item['$patch'];
    if (directive === undefined) plain.push(item);
    else if (directive === 'delete') deleted.add(mergeKeyOf(item, key));
    else if (directive === 'replace') replaces = true;
    else if (directive === 'merge')
      throw newPatchFailure('merging lists cannot yet be specified in the patch');
    else throw newPatchFailure(`unknown patch type: ${goValue(directive)} in map: ${goValue(item)}`);
  }
  // A list that replaces takes the place of the original, and nothing is left to merge into it.
  if (replaces) return { original: plain, patch: [] };
  const kept = deleted.size === 0 ? original : original.filter((item) => !deleted.has(item[key]));
  return { original: kept, patch: plain };
}

function mergeItems(
  original: readonly JsonObject[],
  patch: readonly JsonObject[],
  key: string,
  schema: FieldSchema | undefined,
  mergeObjects: MergeObjects,
): readonly JsonObject[] {
  const merged = [...original];
  const places = new Map<unknown, number>();
  for (const [at, item] of merged.entries()) if (!places.has(item[key])) places.set(item[key], at);
  for (const item of patch) {
    const value = mergeKeyOf(item, key);
    const at = places.get(value);
    if (at === undefined) {
      places.set(value, merged.length);
      merged.push(item);
    } else merged[at] = mergeObjects(merged[at] ?? {}, item, schema);
  }
  return merged;
}

function mergeKeyOf(item: unknown, key: string): unknown {
  if (!isJsonObject(item)) {
    throw newPatchFailure(`expected a map[string]interface {}, but received a ${goTypeOf(item)}`);
  }
  if (!Object.hasOwn(item, key)) {
    throw newPatchFailure(`map: ${goValue(item)} does not contain declared merge key: ${key}`);
  }
  return item[key];
}

function goTypeOf(item: unknown): string {
  const sort = sortOf(item);
  const names: Readonly<Record<string, string>> = {
    list: '[]interface {}',
    integer: 'int64',
    float: 'float64',
    boolean: 'bool',
    null: '<nil>',
  };
  return names[sort] ?? sort;
}

/**
 * Brings a merged list into order: items that stand in `wanted` as they stand there; the others, in the order of `former`,
 * put between them so that as much as possible of the former order stays.
 *
 * Former order a b c d, wanted d b: d stands first, b after it, and a before b (it stood before it): d a b c.
 */
function inOrder(merged: Items, wanted: Items, former: Items, key: string | undefined): Items {
  const identity = (item: unknown): unknown => (key === undefined ? item : mergeKeyOf(item, key));
  const wantedPlaces = placesOf(wanted, identity);
  const formerPlaces = placesOf(former, identity);
  const named = merged.filter((item) => wantedPlaces.has(identity(item)));
  const others = merged.filter((item) => !wantedPlaces.has(identity(item)));
  named.sort(byPlace(wantedPlaces, identity));
  others.sort(byPlace(formerPlaces, identity));
  const result: unknown[] = [];
  let next = 0;
  for (const item of named) {
    const place = formerPlaces.get(identity(item));
    while (place !== undefined && next < others.length) {
      const other = formerPlaces.get(identity(others[next]));
      if (other === undefined || other >= place) break;
      result.push(others[next++]);
    }
    result.push(item);
  }
  return [...result, ...others.slice(next)];
}

function placesOf(items: Items, identity: (item: unknown) => unknown): ReadonlyMap<unknown, number> {
  const places = new Map<unknown, number>();
  for (const [at, item] of items.entries()) {
    const id = identity(item);
    if (!places.has(id)) places.set(id, at);
  }
  return places;
}

function byPlace(places: ReadonlyMap<unknown, number>, identity: (item: unknown) => unknown) {
  return (a: unknown, b: unknown): number => {
    const left = places.get(identity(a));
    const right = places.get(identity(b));
    return left === undefined || right === undefined ? 0 : left - right;
  };
}

/** The items of a patch have to stand in the order list, in its order. */
function checkOrder(patch: Items, order: Items, key: string | undefined): void {
  if (patch.length === 0 || order.length === 0) return;
  let at = 0;
  for (const item of patch) {
    if (key !== undefined && isJsonObject(item) && Object.hasOwn(item, '$patch')) continue;
    const wanted = key === undefined ? item : mergeKeyOf(item, key);
    while (at < order.length && (key === undefined ? order[at] : mergeKeyOf(order[at], key)) !== wanted) at++;
    if (at === order.length) {
      throw newPatchFailure(
        `The order in patch list:\n${goValue(patch)}\n doesn't match $setElementOrder list:\n${goValue(order)}\n`,
      );
    }
    at++;
  }
}
