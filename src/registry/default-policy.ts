/** Keeps the default roles and bindings: at each start what is missing of them comes back, and what was added stays. */
import type { ApiRequest, Transport } from '../apimachinery/api-request.ts';
import { invariant } from '../apimachinery/invariant.ts';
import type { ApiObject, DeepReadonly, Draft } from '../apimachinery/meta/object.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../apimachinery/status-error.ts';
import {
  bindingRepair,
  defaultClusterRoleBindings,
  defaultClusterRoles,
  defaultRoleBindings,
  defaultRoles,
  RBAC_GROUP,
  type Repair,
  roleRepair,
} from '../apis/rbac/index.ts';

/** How often a start looks again when somebody else writes the same objects; upstream gives up after as many. */
const ATTEMPTS = 5;

type Expected = DeepReadonly<Draft<ApiObject>>;

interface Collection {
  readonly resource: string;
  readonly expected: readonly Expected[];
  readonly repair: (existing: DeepReadonly<ApiObject>, expected: Expected) => Repair;
}

/** The collections in an order in which they can be written: nobody is bound to a role that is not there. */
const COLLECTIONS: readonly (() => Collection)[] = [
  () => ({ resource: 'clusterroles', expected: defaultClusterRoles(), repair: roleRepair as never }),
  () => ({ resource: 'roles', expected: defaultRoles(), repair: roleRepair as never }),
  () => ({
    resource: 'clusterrolebindings',
    expected: defaultClusterRoleBindings(),
    repair: bindingRepair as never,
  }),
  () => ({ resource: 'rolebindings', expected: defaultRoleBindings(), repair: bindingRepair as never }),
];

/**
 * Creates the default roles and bindings that are missing and mends those that lost something. Reads each collection once
 * and writes only what differs. The transport's user must be allowed everything; the namespaces must be there.
 */
export async function ensureDefaultPolicy(transport: Transport): Promise<void> {
  await Promise.all(COLLECTIONS.map((collection) => ensureCollection(transport, collection(), ATTEMPTS)));
}

async function ensureCollection(
  transport: Transport,
  collection: Collection,
  attempts: number,
): Promise<void> {
  const { resource, expected, repair } = collection;
  const namespaces = [...new Set(expected.map(({ metadata }) => metadata.namespace))];
  const lists = await Promise.all(namespaces.map((namespace) => list(transport, resource, namespace)));
  const stored = new Map(lists.flat().map((object) => [placeOf(object), object]));
  const writes = expected.map(async (wanted) => {
    const existing = stored.get(placeOf(wanted));
    if (existing === undefined) return await create(transport, resource, wanted);
    const what = repair(existing, wanted);
    if (what.kind === 'update') return await update(transport, resource, what.object);
    if (what.kind === 'replace') return await replace(transport, resource, existing, wanted);
  });
  const failures = (await Promise.allSettled(writes)).filter((result) => result.status === 'rejected');
  const [failure] = failures.filter(({ reason }) => !isRace(reason)).concat(failures);
  if (failure === undefined) return;
  if (attempts <= 1 || !isRace(failure.reason)) throw failure.reason;
  await ensureCollection(transport, collection, attempts - 1);
}

/** Whether somebody else wrote the object since it was read. */
function isRace(error: unknown): boolean {
  return isConflict(error) || isAlreadyExists(error) || isNotFound(error);
}

function placeOf({ metadata }: Expected): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function at(resource: string, { metadata }: Expected): Omit<ApiRequest, 'verb'> {
  const { namespace } = metadata;
  return { group: RBAC_GROUP, version: 'v1', resource, ...(namespace === undefined ? {} : { namespace }) };
}

async function list(
  transport: Transport,
  resource: string,
  namespace: string | undefined,
): Promise<readonly DeepReadonly<ApiObject>[]> {
  const place = at(resource, { metadata: namespace === undefined ? {} : { namespace } });
  const answer = await transport.send({ ...place, verb: 'list' });
  invariant(answer.kind === 'object', 'a list is an object');
  return (answer.object as { readonly items: readonly DeepReadonly<ApiObject>[] }).items;
}

async function create(transport: Transport, resource: string, object: Expected): Promise<void> {
  await transport.send({ ...at(resource, object), verb: 'create', body: object });
}

async function update(
  transport: Transport,
  resource: string,
  object: DeepReadonly<ApiObject>,
): Promise<void> {
  const { name } = object.metadata;
  await transport.send({ ...at(resource, object), verb: 'update', name, body: object });
}

async function replace(
  transport: Transport,
  resource: string,
  existing: DeepReadonly<ApiObject>,
  wanted: Expected,
): Promise<void> {
  const { name, uid } = existing.metadata;
  const body = { preconditions: { uid } };
  await transport.send({ ...at(resource, wanted), verb: 'delete', name, body });
  await create(transport, resource, wanted);
}
