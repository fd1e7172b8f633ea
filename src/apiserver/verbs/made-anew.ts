/** GET of objects that are not stored, and of their collection. */
import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { newNotFound } from '../../apimachinery/status-error.ts';
import type { Circumstances } from '../circumstances.ts';
import { parametersOf } from '../options/parameters.ts';
import { selectionOf } from '../options/selection.ts';
import type { ResourceDefinition } from '../resource.ts';
import type { ServedResource } from '../served-resource.ts';
import { checkListOptions } from './list.ts';

type Objects = NonNullable<ResourceDefinition['objects']>;

/** One of the objects. Upstream, whose only such kind is ComponentStatus, names it in the singular where there is none. */
export async function getMadeAnew(
  { definition, apiVersion }: ServedResource,
  objects: Objects,
  { request: { name = '' } }: Circumstances,
): Promise<ApiAnswer> {
  const found = (await objects()).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw newNotFound(definition.group, definition.singular, name);
  const object: ApiObject = { ...found, kind: definition.kind, apiVersion };
  return { kind: 'object', code: 200, object };
}

/** Those that the selectors choose, in one piece whatever the limit. */
export async function listMadeAnew(
  served: ServedResource,
  objects: Objects,
  { request }: Circumstances,
): Promise<ApiAnswer> {
  const selection = selectionOf(served, request, checkListOptions(parametersOf(request)));
  const items = (await objects()).filter((object) => selection.matches(object));
  const kind = `${served.definition.kind}List`;
  return { kind: 'object', code: 200, object: { kind, apiVersion: served.apiVersion, metadata: {}, items } };
}
