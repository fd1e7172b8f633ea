import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newNotFound } from '../../apimachinery/status-error.ts';
import type { StoredObject } from '../../storage/storage.ts';
import type { Circumstances } from '../circumstances.ts';
import { parametersOf } from '../options/parameters.ts';
import { requireReached } from '../options/resource-version.ts';
import { keyOf, present, type ServedResource } from '../served-resource.ts';
import type { Workings } from '../workings.ts';

/** GET of one object. Every read is of the newest state, which satisfies any resourceVersion that was reached. */
export async function get(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
): Promise<ApiAnswer> {
  const { request } = context;
  if (request.parameters !== undefined) {
    const { resourceVersion = '' } = parametersOf(request);
    requireReached(resourceVersion, workings.storage.revision, served.definition.uncached);
  }
  const stored = await find(workings, served, request.namespace, request.name ?? '');
  context.storedAnswer = true;
  return { kind: 'object', code: 200, object: present(served, stored.object) };
}

/** The stored object, or its 404. */
async function find(
  workings: Workings,
  served: ServedResource,
  namespace: string | undefined,
  name: string,
): Promise<StoredObject> {
  const stored = await workings.storage.get(keyOf(served, namespace, name));
  if (stored === undefined) throw newNotFound(served.definition.group, served.definition.resource, name);
  return stored;
}

/** The object as its resource shows it, or its 404. */
export async function findObject(
  workings: Workings,
  served: ServedResource,
  namespace: string | undefined,
  name: string,
): Promise<DeepReadonly<ApiObject>> {
  return present(served, (await find(workings, served, namespace, name)).object);
}
