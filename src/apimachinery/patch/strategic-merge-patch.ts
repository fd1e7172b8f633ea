import { goValue } from '../go-text.ts';
import { cloneJson, isJsonObject, type JsonObject, ownMember, setMember } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';
import { newBadRequest } from '../status-error.ts';
import { withoutNulls } from './merge-patch.ts';
import { deleteMatching, mergeLists, patchStrategy, reorder } from './merging-lists.ts';
import { guardingDepth, newPatchFailure, newUndecodablePatch } from './rejection.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const ORDER = '$setElementOrder';
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList';

const BAD_RETAIN_KEYS = 'invalid patch format of retainKeys';
const BAD_ORDER = 'invalid patch format of setElementOrder list';
const BAD_PRIMITIVES = 'invalid patch format of primitive list';

/**
 * Applies a strategic merge patch, with all its directives (`$patch`, `$retainKeys`, `$setElementOrder/…`,
 * `$deleteFromPrimitiveList/…`); the schema says which lists are merged, and by which key. Answers a new object that shares
 * with the document what did not change; neither is changed. Throws as upstream does: 400 for a malformed patch or
 * directive, 422 for lists of lists, 500 for instructions that make no sense.
 *
 * @param own a copy of the patch, from which each directive is taken as it is carried out: what is left is what upstream
 * shows when it refuses the outcome.
 */
export function applyStrategicMergePatch(
  document: object,
  patch: unknown,
  schema: FieldSchema,
  own: unknown = cloneJson(patch),
): JsonObject {
  if (own === null || own === undefined) return { ...document } as JsonObject;
  if (!isJsonObject(own)) throw newUndecodablePatch(patch, 'Go value of type map[string]interface {}');
  return guardingDepth(() => mergeObjects(document as JsonObject, own, schema));
}

/** Merges an object of the patch into one of the document. */
function mergeObjects(original: JsonObject, patch: JsonObject, schema: FieldSchema | undefined): JsonObject {
  const directive = ownMember(patch, DIRECTIVE);
  if (directive !== undefined) return directed(directive, patch);
  const result = retained(original, patch);
  const done = mergeOrdered(result, patch, schema);
  for (const [directive, change] of Object.entries(patch)) {
    if (!directive.startsWith(DELETE_PRIMITIVES)) continue;
    const key = afterSlash(directive, BAD_PRIMITIVES);
    deletePrimitives(result, key, change, schema);
  }
  for (const [key, change] of Object.entries(patch)) {
    if (change === undefined || done.has(key) || isDirective(key)) continue;
    if (change === null) {
      delete result[key];
      continue;
    }
    const current = ownMember(result, key);
    const merged = mergeValues(current, change, key, schema);
    if (isJsonObject(change) && !isJsonObject(current)) setMember(patch, key, merged ?? change);
    else if (Array.isArray(change) && !Array.isArray(current)) setMember(patch, key, withoutNulls(change));
    if (merged === undefined) delete result[key];
    else setMember(result, key, merged);
  }
  return result;
}

function isDirective(key: string): boolean {
  return key === RETAIN_KEYS || key.startsWith(ORDER) || key.startsWith(DELETE_PRIMITIVES);
}

function mergeValues(
  current: unknown,
  change: unknown,
  key: string,
  schema: FieldSchema | undefined,
): unknown {
  if (isJsonObject(current) && isJsonObject(change)) {
    const field = fieldOf(schema, key);
    return patchStrategy(field) === 'replace' ? change : mergeObjects(current, change, field);
  }
  if (Array.isArray(current) && Array.isArray(change)) {
    if (schema?.type === 'map') {
      throw newPatchFailure('merging an object in json but data type is not struct, instead is: map');
    }
    const field = fieldOf(schema, key);
    return patchStrategy(field) === 'merge' ? mergeLists(current, change, field, mergeObjects) : change;
  }
  return withoutDirectives(withoutNulls(change));
}

/** The field of a struct, or the members of a map. Null where the value is of no known structure. */
function fieldOf(schema: FieldSchema | undefined, key: string): FieldSchema | undefined {
  if (schema === undefined || schema.type === 'any') return undefined;
  const field = schema.property(key);
  if (field === undefined)
    throw newPatchFailure(`unable to find api field for the json field ${JSON.stringify(key)}`);
  return field;
}

/** `$patch` in an object: replace it by the rest, or empty it. */
function directed(directive: unknown, patch: JsonObject): JsonObject {
  if (directive === 'delete') return {};
  if (directive !== 'replace') {
    throw newPatchFailure(`unknown patch type: ${goValue(directive)} in map: ${goValue(patch)}`);
  }
  delete patch[DIRECTIVE];
  return patch;
}

/** `$retainKeys`: a copy of the original without the members that the list does not name. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = ownMember(patch, RETAIN_KEYS);
  if (keys === undefined) return { ...original };
  delete patch[RETAIN_KEYS];
  if (!Array.isArray(keys)) throw newBadRequest(BAD_RETAIN_KEYS);
  const named = new Set<unknown>(keys);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !isDirective(key) && !named.has(key)) throw newBadRequest(BAD_RETAIN_KEYS);
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => named.has(key)));
}

/** `$setElementOrder/…`: merges the lists named and brings them into order. Answers their keys: they are done with. */
function mergeOrdered(
  result: JsonObject,
  patch: JsonObject,
  schema: FieldSchema | undefined,
): ReadonlySet<string> {
  const done = new Set<string>();
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(ORDER)) continue;
    if (!Array.isArray(order)) {
      throw newPatchFailure(`expected a []interface {}, but received a ${goType(order)}`);
    }
    delete patch[directive];
    const key = afterSlash(directive, BAD_ORDER);
    const current = list(ownMember(result, key));
    const change = list(ownMember(patch, key));
    const merged = reorder(current, change, order, fieldOf(schema, key), mergeObjects, withoutDirectives);
    if (merged === undefined) continue;
    setMember(result, key, merged);
    done.add(key);
    delete patch[key];
  }
  return done;
}

/** `$deleteFromPrimitiveList/…`: takes values out of a list of scalars. Lists of objects are merged, whatever it says. */
function deletePrimitives(
  result: JsonObject,
  key: string,
  values: unknown,
  schema: FieldSchema | undefined,
): void {
  const current = ownMember(result, key);
  if (values === null) delete result[key];
  else if (Array.isArray(current) && Array.isArray(values)) {
    const field = fieldOf(schema, key);
    const objects = [...current, ...values].some(isJsonObject);
    const left = objects ? mergeLists(current, values, field, mergeObjects) : deleteMatching(current, values);
    setMember(result, key, left);
  }
}

function afterSlash(directive: string, complaint: string): string {
  const slash = directive.indexOf('/');
  const prefix = directive.slice(0, slash);
  if (slash < 0 || (prefix !== ORDER && prefix !== DELETE_PRIMITIVES)) throw newBadRequest(complaint);
  return directive.slice(slash + 1);
}

function list(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || Array.isArray(value)) return value;
  throw newPatchFailure(`expected a []interface {}, but received a ${goType(value)}`);
}

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** A value of the patch for which the document has nothing: objects that hold `$patch` are left out of it. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const result: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const kept = withoutDirectives(member);
    if (kept !== undefined) setMember(result, key, kept);
  }
  return result;
}
