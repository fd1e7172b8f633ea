/**
 * The patches that the API takes: JSON patch (RFC 6902), merge patch (RFC 7386) and Kubernetes' strategic merge patch.
 *
 * Pure functions on plain JSON: neither document nor patch is changed; the answer is a new value that shares with them what
 * did not change, so whoever wants to write to it copies first. A patch that makes no sense or does not apply is thrown as
 * the answer that upstream gives. Limits: {@link JSON_PATCH_OPERATIONS_MAX}, and 3 MiB that copies may make; the size
 * of a body is the front end's matter. Whether the result is a proper object is the schema's matter.
 */
export {
  applyJsonPatch,
  JSON_PATCH_OPERATIONS_MAX,
  jsonPatchFindings,
} from './json-patch.ts';
export { applyMergePatch } from './merge-patch.ts';
export { guardingDepth } from './rejection.ts';
export { applyStrategicMergePatch } from './strategic-merge-patch.ts';
