import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import { type FieldError, forbidden, unsupported } from '../../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newBadRequest, newExpired, newInvalid, StatusError } from '../../apimachinery/status-error.ts';
import type { ListPage } from '../../storage/storage.ts';
import type { Circumstances } from '../circumstances.ts';
import {
  type ContinueToken,
  decodeContinue,
  encodeContinue,
  newContinueExpired,
} from '../options/continue-token.ts';
import { type ListSelectors, readListParameters } from '../options/list-selectors.ts';
import { integerParameter, type Parameters, parametersOf } from '../options/parameters.ts';
import {
  newTooLargeResourceVersion,
  parseResourceVersion,
  requireReached,
} from '../options/resource-version.ts';
import { type Selection, selectionOf } from '../options/selection.ts';
import { keyOf, prefixOf, present, type ServedResource } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { storageCode } from './storage-answers.ts';

/** Checks the parameters of a list; throws 400 for what cannot be read, else the 422 of ListOptions. */
export function checkListOptions(parameters: Parameters): ListSelectors {
  const selectors = readListParameters(parameters);
  const { resourceVersionMatch: match = '', resourceVersion = '' } = parameters;
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(
        forbidden(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden unless resourceVersion is provided',
        ),
      );
    }
    if (parameters['continue']) {
      errors.push(
        forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'),
      );
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(unsupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(
        forbidden(
          'resourceVersionMatch',
          'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
      );
    }
  }
  if (parameters['sendInitialEvents'] !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (errors.length > 0) throw newInvalid('meta.k8s.io', 'ListOptions', '', errors);
  return selectors;
}

/** GET of a collection. */
export async function list(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
): Promise<ApiAnswer> {
  const { request } = context;
  const parameters = parametersOf(request);
  const selection = selectionOf(served, request, checkListOptions(parameters));
  const prefix = prefixOf(served, request.namespace);
  const asked = Math.max(0, integerParameter(parameters, 'limit') ?? 0);
  const token = startOf(parameters, prefix);
  // Upstream answers for any revision out of its cache, whole, whatever the limit.
  const limit = parameters['resourceVersion'] === '0' && token === undefined ? 0 : asked;
  const exact = exactRevision(parameters, token, limit, workings.storage.revision);
  const single = singleKey(served, selection, request.namespace);
  const found =
    single !== undefined && exact === undefined
      ? await one(workings, served, selection, single)
      : await pages(workings, served, selection, { prefix, limit, token, exact });
  const metadata: Record<string, unknown> = { resourceVersion: String(found.revision) };
  if (found.next !== undefined) metadata['continue'] = found.next;
  if (found.remaining !== undefined) metadata['remainingItemCount'] = found.remaining;
  const object = {
    kind: `${served.definition.kind}List`,
    apiVersion: served.apiVersion,
    metadata,
    items: found.items,
  };
  context.storedAnswer = true;
  return { kind: 'object', code: 200, object };
}

interface Found {
  readonly items: readonly DeepReadonly<ApiObject>[];
  readonly revision: number;
  readonly next?: string;
  readonly remaining?: number;
}

interface Where {
  readonly prefix: string;
  readonly limit: number;
  readonly token: ContinueToken | undefined;
  readonly exact: number | undefined;
}

/** Where a list goes on; undefined: it begins. Throws 400 for a token that is none. */
export function startOf(parameters: Parameters, prefix: string): ContinueToken | undefined {
  const text = parameters['continue'];
  if (!text) return undefined;
  const { resourceVersion = '' } = parameters;
  const token = decodeContinue(text, prefix);
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw newBadRequest('specifying resource version is not allowed when using continue');
  }
  return token;
}

/** The revision that the answer has to be of, undefined when the newest will do. */
export function exactRevision(
  parameters: Parameters,
  token: ContinueToken | undefined,
  limit: number,
  current: number,
): number | undefined {
  if (token !== undefined) {
    if (token.revision > current) throw newTooLargeResourceVersion(token.revision, current);
    return token.revision > 0 ? token.revision : undefined;
  }
  const { resourceVersion = '', resourceVersionMatch = '' } = parameters;
  const asked = listRevision(resourceVersion);
  if (asked === 0) return undefined;
  requireReached(resourceVersion, current);
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0);
  return exact ? asked : undefined;
}

/** The revision that a list names. Unlike get and watch, list answers 400 for a resourceVersion that is no number. */
function listRevision(text: string): number {
  try {
    return parseResourceVersion(text);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw newBadRequest(`invalid resource version: ${error.message}`);
  }
}

/** The key of the only object that can match, when the selectors name one. */
function singleKey(
  served: ServedResource,
  { name }: Selection,
  namespace: string | undefined,
): string | undefined {
  if (name === undefined || (served.definition.namespaced && !namespace)) return undefined;
  return keyOf(served, namespace, name);
}

async function one(
  { storage }: Workings,
  served: ServedResource,
  selection: Selection,
  key: string,
): Promise<Found> {
  const { revision } = storage;
  const stored = await storage.get(key);
  const object = stored === undefined ? undefined : present(served, stored.object);
  const items = object !== undefined && selection.matches(object) ? [object] : [];
  return { items, revision: Math.max(revision, stored?.revision ?? 0) };
}

async function pages(
  workings: Workings,
  served: ServedResource,
  selection: Selection,
  { prefix, limit, token, exact }: Where,
): Promise<Found> {
  const items: DeepReadonly<ApiObject>[] = [];
  let after = token?.after;
  let revision = exact;
  for (;;) {
    const page = await readPage(workings, prefix, limit, after, revision, token);
    revision ??= page.revision;
    for (const stored of page.items) {
      after = stored.key;
      const object = present(served, stored.object);
      if (selection.everything || selection.matches(object)) items.push(object);
      if (limit > 0 && items.length === limit) break;
    }
    const last = page.items.at(-1)?.key;
    const more = page.more || (after !== undefined && last !== undefined && after !== last);
    if (!more || after === undefined) return { items, revision };
    if (limit > 0 && items.length < limit) continue;
    return {
      items,
      revision,
      next: encodeContinue(after, prefix, revision),
      ...(selection.everything ? { remaining: page.remaining } : {}),
    };
  }
}

/** A page of what lies under a prefix; throws 410 for a revision that is not kept any more. */
export async function readPage(
  { storage }: Workings,
  prefix: string,
  limit: number,
  after: string | undefined,
  revision: number | undefined,
  token?: ContinueToken,
): Promise<ListPage> {
  try {
    return await storage.list(prefix, {
      ...(revision === undefined ? {} : { revision }),
      ...(after === undefined ? {} : { after }),
      ...(limit === 0 ? {} : { limit }),
    });
  } catch (error) {
    if (storageCode(error) !== 'compacted') throw error;
    throw token === undefined
      ? newExpired('The resourceVersion for the provided list is too old.')
      : newContinueExpired(token, prefix);
  }
}
