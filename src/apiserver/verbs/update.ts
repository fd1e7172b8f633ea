import type { ApiAnswer, ApiRequest } from '../../apimachinery/api-request.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newBadRequest } from '../../apimachinery/status-error.ts';
import type { Circumstances } from '../circumstances.ts';
import { writeOptions } from '../options/write-options.ts';
import type { PartSubresource } from '../resource.ts';
import type { ServedResource } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { metadataOf, newUnnamed, settleNamespace } from '../writes/object-meta.ts';
import { updateObject } from './update-object.ts';

/** PUT to an object or to a part of it. */
export async function update(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
  part?: PartSubresource<ApiObject>,
): Promise<ApiAnswer> {
  const { request } = context;
  const options = writeOptions('UpdateOptions', request);
  context.requireBody();
  const read = (known: DeepReadonly<ApiObject> | undefined): ApiObject => {
    const made = workings.bodies.read(served, request.body, options, context, known);
    settleIdentity(served, made, request);
    return made;
  };
  const outcome = await updateObject(workings, served, part, read, options, context, {
    mayCreate: served.definition.strategy.allowCreateOnUpdate ?? false,
    derived: false,
  });
  return {
    kind: 'object',
    code: outcome.created ? 201 : 200,
    object: outcome.object,
    warnings: context.warnings,
  };
}

/** Holds the new state of an object against the URL it came to: name and namespace have to be those. */
export function settleIdentity(served: ServedResource, object: ApiObject, request: ApiRequest): void {
  const name = request.name ?? '';
  const metadata = metadataOf(object);
  settleNamespace(served, object, request.namespace);
  if (!metadata.name) throw newUnnamed(name);
  if (metadata.name !== name) {
    throw newBadRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
}
