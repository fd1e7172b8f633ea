import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import { cloneJson } from '../../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { StatusError } from '../../apimachinery/status-error.ts';
import type { Circumstances } from '../circumstances.ts';
import { writeOptions } from '../request-options.ts';
import type { PartSubresource } from '../resource.ts';
import type { ServedResource } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { settleIdentity, updateObject } from './update.ts';

/** PATCH of an object or of a part of it. */
export async function patch(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
  part?: PartSubresource<ApiObject>,
): Promise<ApiAnswer> {
  const { request } = context;
  const apply = request.patchType === 'application/apply-patch+yaml';
  const options = writeOptions('PatchOptions', request.parameters, apply);
  const produce = (old: DeepReadonly<ApiObject> | undefined): ApiObject => {
    const changed = patched(old, request.patchType ?? '', request.body);
    workings.bodies.settleType(served, changed as ApiObject);
    const object = workings.bodies.conform(served, changed, options, context);
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

function patched(old: DeepReadonly<ApiObject> | undefined, type: string, body: unknown): ApiObject {
  if (type === 'application/merge-patch+json' || type === 'application/strategic-merge-patch+json') {
    return mergePatch(cloneJson(old ?? {}), body) as ApiObject;
  }
  throw new StatusError(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, application/apply-patch+cbor',
  );
}

function mergePatch(target: unknown, change: unknown): unknown {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return cloneJson(change);
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target)
      ? (target as Record<string, unknown>)
      : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
