import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import { cloneJson } from '../../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  jsonPatchFindings,
} from '../../apimachinery/patch/index.ts';
import type { FieldSchema } from '../../apimachinery/schema/index.ts';
import { newBadRequest, StatusError } from '../../apimachinery/status-error.ts';
import type { Circumstances } from '../circumstances.ts';
import { writeOptions } from '../request-options.ts';
import type { PartSubresource } from '../resource.ts';
import type { ServedResource } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { settleIdentity, updateObject } from './update.ts';

/** Types of patch bodies that are served, in the order in which a refusal lists them. */
export const PATCH_TYPES: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** 415 for a patch of another type. */
export function newUnsupportedPatch(): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${PATCH_TYPES.join(', ')}`,
  );
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
  const options = writeOptions('PatchOptions', request.parameters);
  // Members that are undefined, which a caller in this process may have, are no part of a patch.
  const body: unknown = cloneJson(request.body);
  const schema = workings.bodies.schemaOf(served) ?? SCHEMALESS;
  const findings = patchType === 'application/json-patch+json' ? jsonPatchFindings(body) : [];
  const produce = (old: DeepReadonly<ApiObject> | undefined): ApiObject => {
    const changed = patched(patchType, old ?? {}, body, schema);
    workings.bodies.settleType(served, changed);
    const object = workings.bodies.conform(served, changed, findings, options, context);
    settleIdentity(served, object, request);
    return object;
  };
  const outcome = await updateObject(workings, served, part, produce, options, context, {
    mayCreate: false,
    derived: true,
  });
  return {
    kind: 'object',
    code: outcome.created ? 201 : 200,
    object: outcome.object,
    warnings: context.warnings,
  };
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
      return applyStrategicMergePatch(old, body, schema);
  }
}

/** What is known of a kind without structural schema: nothing, so that a strategic merge is a plain one. */
const SCHEMALESS: FieldSchema = {
  type: 'any',
  patchStrategies: [],
  items: undefined,
  property: () => undefined,
};
