import { isJsonObject, type JsonObject, setMember } from '../json.ts';
import { newBadRequest } from '../status-error.ts';
import { guardingDepth, newUndecodablePatch } from './rejection.ts';

/**
 * Applies a JSON merge patch (RFC 7386): null removes, objects are merged, anything else replaces. Answers a new object
 * that shares with both arguments what did not change; neither is changed. Throws 400 for a patch that is no object.
 */
export function applyMergePatch(document: object, patch: unknown): JsonObject {
  if (patch === null || patch === undefined) throw newBadRequest('Invalid JSON Patch');
  if (!isJsonObject(patch)) {
    throw newUndecodablePatch(patch, 'Go value of type map[string]interface {}', 'error decoding patch: ');
  }
  return guardingDepth(() => merged(document as JsonObject, patch));
}

function merged(document: JsonObject, patch: JsonObject): JsonObject {
  const result = { ...document };
  for (const [key, change] of Object.entries(patch)) {
    if (change === undefined) continue;
    if (change === null) {
      delete result[key];
      continue;
    }
    const current = Object.hasOwn(result, key) ? result[key] : undefined;
    const both = isJsonObject(current) && isJsonObject(change);
    setMember(result, key, both ? merged(current, change) : withoutNulls(change));
  }
  return result;
}

/** A value without the null members of its objects, at any depth; itself when there are none. Items of lists stay. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withoutNulls);
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  let changed = false;
  for (const [key, member] of Object.entries(value)) {
    const kept = member === null || member === undefined ? undefined : withoutNulls(member);
    changed ||= kept !== member;
    if (kept !== undefined) setMember(result, key, kept);
  }
  return changed ? result : value;
}
