import type { ApiObject, DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { newBadRequest } from '../../../apimachinery/status-error.ts';
import type { ServedResource } from '../../served-resource.ts';

/** What of an object a table row carries beside its cells. */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

/** Reads `includeObject`; throws 400 for what it cannot be. */
export function includeObject(parameters: Readonly<Record<string, string>>): IncludeObject {
  const { includeObject: text = '' } = parameters;
  if (text === '') return 'Metadata';
  if (text === 'Metadata' || text === 'Object' || text === 'None') return text;
  throw newBadRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(text)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** The columns as clients read them. */
function columnDefinitions(served: ServedResource): readonly object[] {
  return served.definition.columns.map(({ name, type, format = '', description, priority }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
}

/** A Table of meta.k8s.io (metav1.Table) over `objects`. `headers` false leaves the columns out, as later watch events do. */
export function tableOf(
  served: ServedResource,
  objects: readonly DeepReadonly<ApiObject>[],
  metadata: DeepReadonly<object>,
  include: IncludeObject,
  metaVersion: string,
  now: number,
  headers = true,
): object {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: headers ? columnDefinitions(served) : null,
    rows:
      objects.length === 0 && served.definition.plainTable
        ? null
        : objects.map((object) => row(served, object, include, metaVersion, now)),
  };
}

function row(
  served: ServedResource,
  object: DeepReadonly<ApiObject>,
  include: IncludeObject,
  metaVersion: string,
  now: number,
): object {
  const { columns } = served.definition;
  const conditions = served.definition.rowConditions?.(object) ?? [];
  return {
    cells:
      object.metadata.name === undefined
        ? emptyCells(served)
        : columns.map((column) => column.cell(object, now)),
    ...(conditions.length === 0 ? {} : { conditions }),
    object: rowObject(served, object, include, metaVersion),
  };
}

/** The cells of a bookmark, which has no name and no content. */
function emptyCells(served: ServedResource): readonly unknown[] {
  return served.definition.columns.map(() => '');
}

function rowObject(
  served: ServedResource,
  object: DeepReadonly<ApiObject>,
  include: IncludeObject,
  metaVersion: string,
): object | null {
  if (include === 'None') return null;
  if (include === 'Metadata') return partialMetadata(object, metaVersion);
  return { ...object, kind: served.definition.kind, apiVersion: served.apiVersion };
}

/** A PartialObjectMetadata of meta.k8s.io. */
export function partialMetadata(object: DeepReadonly<ApiObject>, metaVersion: string): object {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: object.metadata,
  };
}
