import type { ApiObject, DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { StatusError } from '../../../apimachinery/status-error.ts';
import type { ServedResource } from '../../served-resource.ts';
import { internalPackage } from '../../writes/object-meta.ts';
import type { Representation } from './negotiate.ts';
import { type IncludeObject, partialMetadata, tableOf } from './table.ts';

/** A list of a served kind. */
export interface AnyList {
  readonly kind: string;
  readonly metadata: DeepReadonly<object>;
  readonly items: readonly DeepReadonly<ApiObject>[];
}

/**
 * Turns an answer into what goes over the wire: the object itself (items of a list without their type, as upstream
 * encodes built-in kinds), a table, or metadata alone. A Status stays as it is.
 */
export function presented(
  served: ServedResource | undefined,
  answer: DeepReadonly<object>,
  { as, metaVersion }: Representation,
  include: IncludeObject,
  now: number,
): DeepReadonly<object> {
  const { kind } = answer as { kind?: unknown };
  const list = served !== undefined && isList(served, answer) ? answer : undefined;
  if (as === undefined || kind === 'Status') {
    return list === undefined ? answer : { ...list, items: list.items.map(untyped) };
  }
  if (as === 'Table') {
    // What is of no resource has no columns; nobody is promised a table of it.
    if (served === undefined) return answer;
    const objects = list?.items ?? [answer as DeepReadonly<ApiObject>];
    const metadata = list?.metadata ?? { resourceVersion: objects[0]?.metadata.resourceVersion };
    return tableOf(served, objects, metadata, include, metaVersion, now);
  }
  if (as === 'PartialObjectMetadata') {
    if (served !== undefined && list !== undefined) {
      const type = internalType(served, list.kind);
      throw notAcceptable(
        `you requested PartialObjectMetadata, but the requested object is a list (${type})`,
      );
    }
    return partialMetadata(answer as DeepReadonly<ApiObject>, metaVersion);
  }
  if (list === undefined) {
    const type = served === undefined ? '*v1.Status' : internalType(served, served.definition.kind);
    throw notAcceptable(
      `you requested PartialObjectMetadataList, but the requested object is not a list (${type})`,
    );
  }
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: list.metadata,
    // Go begins this list with nothing, which it writes as null.
    items: list.items.length === 0 ? null : list.items.map((object) => partialMetadata(object, metaVersion)),
  };
}

/** The type of an object of that kind as Go names it. */
function internalType(served: ServedResource, kind: string): string {
  return `*${internalPackage(served.definition.group)}.${kind}`;
}

/** Whether an answer is a list of that resource. */
export function isList(served: ServedResource, answer: DeepReadonly<object>): answer is AnyList {
  const list = answer as Partial<AnyList>;
  return list.kind === `${served.definition.kind}List` && Array.isArray(list.items);
}

/** Without kind and apiVersion: JSON leaves undefined members out. */
function untyped(object: DeepReadonly<ApiObject>): object {
  return { ...object, kind: undefined, apiVersion: undefined };
}

function notAcceptable(message: string): StatusError {
  return new StatusError(406, 'NotAcceptable', message);
}
