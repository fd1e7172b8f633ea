import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { Circumstances } from '../circumstances.ts';
import { deleteOptions } from '../options/delete-options.ts';
import { integerParameter, parametersOf } from '../options/parameters.ts';
import { selectionOf } from '../options/selection.ts';
import { prefixOf, present, type ServedResource } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { deleteObject } from './delete.ts';
import { checkListOptions, exactRevision, readPage, startOf } from './list.ts';

/** Deletions under way at once: enough for the store to commit them in groups. */
const DELETIONS_AT_ONCE = 64;

/** Stands for the limit of a list that comes in pages. */
const PAGED = 1;

/** DELETE of a collection: deletes what the selectors choose and answers a list of it. */
export async function deleteCollection(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
): Promise<ApiAnswer> {
  const { request } = context;
  const { kind, strategy } = served.definition;
  const selection = selectionOf(served, request, checkListOptions(parametersOf(request)));
  context.requireBody();
  const options = deleteOptions(request.body, request);
  for (const text of strategy.warningsOnDelete?.(options, context) ?? []) context.warn(text);
  const parameters = parametersOf(request);
  const prefix = prefixOf(served, request.namespace);
  // Upstream lists what it deletes in pages, so that a revision is always taken for that very one.
  const isFirst = startOf(parameters, prefix) === undefined;
  const exact = isFirst ? exactRevision(parameters, undefined, PAGED, workings.storage.revision) : undefined;
  const page = await readPage(workings, prefix, 0, undefined, exact);
  const matching = page.items
    .map((stored) => present(served, stored.object))
    .filter((object) => selection.matches(object));
  const limit = Math.max(0, integerParameter(parameters, 'limit') ?? 0);
  // Upstream deletes what its list answers, and that is a page of it when a limit is set.
  const chosen = limit === 0 ? matching : matching.slice(0, limit);
  const remainingItemCount = matching.length - chosen.length;
  for (let at = 0; at < chosen.length; at += DELETIONS_AT_ONCE) {
    const batch = chosen.slice(at, at + DELETIONS_AT_ONCE);
    await Promise.all(batch.map((object) => deleteIfThere(workings, served, object, options, context)));
  }
  const list = {
    kind: `${kind}List`,
    apiVersion: served.apiVersion,
    metadata: {
      resourceVersion: String(page.revision),
      ...(remainingItemCount === 0 ? {} : { remainingItemCount }),
    },
    items: chosen,
  };
  return { kind: 'object', code: 200, object: list, warnings: context.warnings };
}

async function deleteIfThere(
  workings: Workings,
  served: ServedResource,
  { metadata }: DeepReadonly<ApiObject>,
  options: ReturnType<typeof deleteOptions>,
  context: Circumstances,
): Promise<void> {
  try {
    await deleteObject(workings, served, metadata.namespace, metadata.name, options, context);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
