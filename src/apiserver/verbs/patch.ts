import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import { rfc3339 } from '../../apimachinery/clock.ts';
import { cloneJson } from '../../apimachinery/json.ts';
import { applyConfiguration } from '../../apimachinery/managed-fields/index.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  guardingDepth,
  jsonPatchFindings,
} from '../../apimachinery/patch/index.ts';
import type { FieldSchema } from '../../apimachinery/schema/index.ts';
import { newBadRequest, newConflict, StatusError } from '../../apimachinery/status-error.ts';
import { TWICE } from '../body-reader.ts';
import type { Circumstances } from '../circumstances.ts';
import { type WriteOptions, writeOptions } from '../options/write-options.ts';
import type { PartSubresource } from '../resource.ts';
import type { ServedResource } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { endpointOf } from '../writes/field-ownership.ts';
import { isVersionless, metadataOf } from '../writes/object-meta.ts';
import { patchedText } from './patched-text.ts';
import { settleIdentity } from './update.ts';
import { updateObject } from './update-object.ts';

/** Types of patch bodies that are served, in the order in which a refusal lists them. */
export const PATCH_TYPES: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const APPLY = 'application/apply-patch+yaml';

/** 415 for a patch of another type, which upstream's router refuses before any handler could name the right ones. */
export function newUnsupportedPatch(): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

/** PATCH of an object or of a part of it. Applied to the newest state, and again when another write comes between. */
export async function patch(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
  part?: PartSubresource<ApiObject>,
): Promise<ApiAnswer> {
  const { request } = context;
  const { patchType = '' } = request;
  if (!PATCH_TYPES.includes(patchType)) throw newUnsupportedPatch();
  const apply = patchType === APPLY;
  const options = writeOptions('PatchOptions', request, apply);
  if (apply) context.requireBody();
  // Members that are undefined, which a caller in this process may have, are no part of a patch.
  const body: unknown = guardingDepth(() => cloneJson(request.body));
  const schema = workings.bodies.schemaOf(served);
  if (apply && schema === undefined) throw newUnsupportedPatch();
  const twice = context.bodyText?.doubts([]) ?? [];
  const findings = [
    ...(patchType === 'application/json-patch+json' ? jsonPatchFindings(body) : []),
    ...(apply ? [] : twice),
  ];
  const isStrategic = patchType === 'application/strategic-merge-patch+json';
  const produce = (old: DeepReadonly<ApiObject> | undefined): ApiObject => {
    context.requireBody();
    // A strategic merge uses its patch up, and may come to be made again.
    const change = isStrategic ? cloneJson(body) : body;
    const strategic = isStrategic ? change : undefined;
    const changed =
      apply && schema !== undefined
        ? applyConfiguration(old, body, endpointOf(served, schema, request.subresource), {
            manager: options.fieldManager,
            time: rfc3339(context.now),
            force: options.force,
          }).object
        : patched(patchType, old ?? {}, change, schema ?? SCHEMALESS);
    const text = (): string =>
      schema === undefined
        ? JSON.stringify(changed)
        : patchedText(old ?? {}, body, schema, (from) => patched(patchType, from, body, schema));
    if (apply) noteTwice(twice, options, context);
    // A strategic merge is applied to an object whose type is settled, and what it says of the type goes unheard.
    if (apply) workings.bodies.settleType(served, changed);
    else if (strategic === undefined) {
      workings.bodies.settlePatchedType(served, changed, text);
      if (schema !== undefined && isVersionless(served, changed)) {
        workings.bodies.refuseVersionless(request.name ?? '', text(), findings, options, context);
      }
    }
    const object = workings.bodies.conform(served, changed, findings, options, context, {
      known: old,
      strategic,
      applied: apply ? (body as object) : undefined,
      text,
    });
    const { uid } = metadataOf(object);
    if (old === undefined && uid) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw newConflict(served.definition.group, served.definition.resource, request.name ?? '', why);
    }
    settleIdentity(served, object, request);
    return object;
  };
  const outcome = await updateObject(workings, served, part, produce, options, context, {
    mayCreate: apply,
    derived: true,
    tracked: apply,
  });
  return {
    kind: 'object',
    code: outcome.created ? 201 : 200,
    object: outcome.object,
    warnings: context.warnings,
  };
}

/** Refuses a configuration with keys that stand twice, or warns of them, as field validation wants it. */
function noteTwice(
  twice: readonly string[],
  { fieldValidation }: WriteOptions,
  context: Circumstances,
): void {
  const [found] = twice;
  if (found === undefined || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Strict') {
    throw newBadRequest(`error strict decoding YAML: error converting YAML to JSON: ${found}`);
  }
  for (const each of found.split('\n  ')) if (each !== TWICE) context.warn(each);
}

function patched(type: string, old: object, body: unknown, schema: FieldSchema): object {
  switch (type) {
    case 'application/json-patch+json': {
      const changed = applyJsonPatch(old, body);
      if (typeof changed === 'object' && changed !== null && !Array.isArray(changed)) return changed;
      throw newBadRequest('the patch leaves no object');
    }
    case 'application/merge-patch+json':
      return applyMergePatch(old, body);
    default:
      return applyStrategicMergePatch(old, body, schema, body);
  }
}

/** What is known of a kind without structural schema: nothing, so that a strategic merge is a plain one. */
const SCHEMALESS: FieldSchema = {
  type: 'any',
  patchStrategies: [],
  items: undefined,
  property: () => undefined,
};
