import { type ApiObject, apiVersionOf, type DeepReadonly } from '../apimachinery/meta/object.ts';
import { newBadRequest, qualified } from '../apimachinery/status-error.ts';
import { validatePathSegmentName } from '../apimachinery/validation/index.ts';
import type { ResourceDefinition } from './resource.ts';

/** The verbs of a resource whose definition names none. */
export const ALL_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;

/** A definition with what the handlers derive from it once instead of on each request. */
export interface ServedResource {
  readonly definition: ResourceDefinition;
  readonly verbs: ReadonlySet<string>;
  readonly apiVersion: string;
  /** Every apiVersion under which its kind is served. */
  readonly apiVersions: ReadonlySet<string>;
  /** `jobs.batch`: how messages name it. */
  readonly qualified: string;
  /** The prefix of every key of this resource: `/batch/jobs/`. */
  readonly prefix: string;
}

/** Derives what the handlers need. `all`: everything that is served with it. */
export function serve(
  definition: ResourceDefinition,
  all: readonly ResourceDefinition[] = [],
): ServedResource {
  const { group, version, resource, kind, storedAs } = definition;
  const alike = [definition, ...all].filter((each) => each.kind === kind);
  const home = storedAs ?? { group, resource };
  return {
    definition,
    verbs: new Set(definition.verbs ?? ALL_VERBS),
    apiVersion: apiVersionOf(group, version),
    apiVersions: new Set(alike.map((each) => apiVersionOf(each.group, each.version))),
    qualified: qualified(group, resource),
    prefix: `/${home.group === '' ? 'core' : home.group}/${home.resource}/`,
  };
}

/** The prefix of the keys that a list or watch over `namespace` (absent or empty: all) covers. */
export function prefixOf(served: ServedResource, namespace: string | undefined): string {
  return served.definition.namespaced && namespace ? `${served.prefix}${namespace}/` : served.prefix;
}

/** The key of one object. Throws 400 for a name that no object can have, for it would be no key. */
export function keyOf(served: ServedResource, namespace: string | undefined, name: string): string {
  if (name === '') throw newBadRequest('Name parameter required.');
  const wrongs = validatePathSegmentName(name);
  if (wrongs.length > 0) {
    throw newBadRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${wrongs.join(';')}`);
  }
  return `${prefixOf(served, namespace)}${name}`;
}

/** A stored object as this resource shows it. */
export function present(served: ServedResource, stored: DeepReadonly<ApiObject>): DeepReadonly<ApiObject> {
  const { storedAs } = served.definition;
  return storedAs === undefined ? stored : storedAs.fromStored(stored);
}

/** What to store for an object of this resource. */
export function storable(served: ServedResource, object: ApiObject): ApiObject {
  const { storedAs } = served.definition;
  return storedAs === undefined ? object : storedAs.toStored(object);
}
