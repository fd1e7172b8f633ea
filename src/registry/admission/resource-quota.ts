/** Quotas: what a namespace may hold, counted with every object that is made. */
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  addUsage,
  type CountedObjects,
  compareAmounts,
  concerns,
  quotaUsage,
  selects,
  subtractAmounts,
  type Usage,
  unstated,
  usageOf,
} from '../../apis/core/index.ts';
import type { Pod, ResourceQuota } from '../../apis/core/types.ts';
import type { AdmissionPlugin, Backend, RequestContext } from '../../apiserver/resource.ts';
import { StorageError, type StoredObject } from '../../storage/storage.ts';
import { forbid } from './forbid.ts';
import { QuotaReservations } from './quota-reservations.ts';

type Quota = DeepReadonly<ResourceQuota>;
/** How often a quota that others charge at the same time is tried again. */
const ATTEMPTS_MAX = 16;

/**
 * Charges each new object to the quotas of its namespace, and refuses it with 403 where one is exceeded.
 *
 * The quota's status carries what is used. It is counted from the objects themselves when it is not there yet, and again
 * before anything is refused, since the quota's controller subtracts what has gone a little later. An object that was admitted and is not stored
 * yet is remembered for that count.
 */
export function resourceQuota(): AdmissionPlugin {
  const reservations = new QuotaReservations();
  return {
    name: 'ResourceQuota',
    phase: 'validating',
    handles: ({ namespace, subresource, verb }) =>
      namespace !== undefined && verb !== 'delete' && (subresource === undefined || subresource === 'resize'),
    async admit(object, old, context, backend) {
      if (object === undefined) return;
      const prefix = `/core/resourcequotas/${context.request.namespace ?? ''}/`;
      const { items } = await backend.storage.list(prefix);
      for (const stored of items) {
        await charge(stored, subjectOf(object, old), old, context, backend, reservations);
      }
    },
  };
}

/** A new object has no status, whatever its maker wrote there. */
function subjectOf(object: ApiObject, old: DeepReadonly<ApiObject> | undefined): ApiObject {
  return old === undefined && 'status' in object ? ({ ...object, status: {} } as ApiObject) : object;
}

async function charge(
  first: StoredObject,
  object: ApiObject,
  old: DeepReadonly<ApiObject> | undefined,
  context: RequestContext,
  { storage }: Backend,
  reservations: QuotaReservations,
): Promise<void> {
  const { request, now } = context;
  const { group, resource } = request;
  let stored: StoredObject | undefined = first;
  for (let attempt = 0; attempt < ATTEMPTS_MAX && stored !== undefined; attempt++) {
    const quota = stored.object as Quota;
    const hard = quota.spec.hard ?? {};
    const names = Object.keys(hard).filter((name) => concerns(name, group, resource));
    if (names.length === 0 || !selects(quota, resource, object)) return;
    // An object that the quota did not concern before, like a pod that gets a deadline, is new to it.
    const before = old !== undefined && selects(quota, resource, old) ? old : undefined;
    if (before === undefined) refuseUnstated(names, quota, object, context);
    const wanted = growth(
      usageOf(group, resource, object, now),
      before && usageOf(group, resource, before, now),
      names,
    );
    if (Object.keys(wanted).length === 0) return;
    const counted = quota.status.used;
    const complete = Object.keys(hard).every((name) => counted?.[name] !== undefined);
    let used = complete && counted ? counted : await count(quota, context, storage, reservations);
    if (complete && exceeded(addUsage(used, wanted), hard, names).length > 0) {
      used = await count(quota, context, storage, reservations);
    }
    const over = exceeded(addUsage(used, wanted), hard, names);
    if (over.length > 0) throw forbid(request, object, excess(quota, over, wanted, used));
    if (request.parameters?.['dryRun'] === 'All') return;
    const next = { ...quota, status: { hard, used: addUsage(used, wanted) } } as ResourceQuota;
    next.metadata = { ...next.metadata };
    try {
      await storage.update(stored.key, next, stored.revision);
      reservations.add(object, group, resource, now);
      return;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.code !== 'revision-mismatch' && error.code !== 'key-missing') throw error;
      stored = await storage.get(stored.key);
    }
  }
}

function refuseUnstated(
  names: readonly string[],
  quota: Quota,
  object: ApiObject,
  context: RequestContext,
): void {
  const { group, resource } = context.request;
  if (group !== '' || resource !== 'pods') return;
  const missing = unstated(names, object as Pod);
  if (missing === undefined) return;
  throw forbid(context.request, object, `failed quota: ${quota.metadata.name}: ${missing}`);
}

/** What is used more than before, of the names that count. */
function growth(usage: Usage, before: Usage | undefined, names: readonly string[]): Usage {
  const wanted: Record<string, string> = {};
  for (const name of names) {
    const amount = usage[name];
    if (amount === undefined) continue;
    const had = before?.[name];
    const more = had === undefined ? amount : subtractAmounts(amount, had);
    if (compareAmounts(more, '0') > 0) wanted[name] = more;
  }
  return wanted;
}

function exceeded(total: Usage, hard: Usage, names: readonly string[]): string[] {
  return names.filter((name) => compareAmounts(total[name] ?? '0', hard[name] ?? '0') > 0).sort();
}

function excess(quota: Quota, names: readonly string[], wanted: Usage, used: Usage): string {
  const list = (amounts: Usage): string => names.map((name) => `${name}=${amounts[name] ?? '0'}`).join(',');
  const limits = list(quota.spec.hard ?? {});
  return `exceeded quota: ${quota.metadata.name}, requested: ${list(wanted)}, used: ${list(used)}, limited: ${limits}`;
}

/** What the objects of the namespace use of what a quota names, with those that are about to be stored. */
async function count(
  quota: Quota,
  { request, now }: RequestContext,
  storage: Backend['storage'],
  reservations: QuotaReservations,
): Promise<Usage> {
  const namespace = request.namespace ?? '';
  const counted: CountedObjects[] = [];
  for (const { group, resource } of countedResources(Object.keys(quota.spec.hard ?? {}))) {
    const prefix = `/${group === '' ? 'core' : group}/${resource}/${namespace}/`;
    const { items } = await storage.list(prefix);
    const objects = items.map((item) => item.object);
    const pending = reservations.pending(group, resource, namespace, objects, now);
    counted.push({ group, resource, objects: [...objects, ...pending] });
  }
  return quotaUsage(quota, counted, now);
}

interface Counted {
  readonly group: string;
  readonly resource: string;
}

const CORE = ['pods', 'services', 'persistentvolumeclaims', 'configmaps', 'secrets', 'resourcequotas'];

/** The resources whose objects use what the quota names. */
function countedResources(names: readonly string[]): readonly Counted[] {
  const keys = new Set(CORE);
  for (const name of names) {
    const counted = /^count\/(.+)$/.exec(name)?.[1];
    if (counted !== undefined) keys.add(counted);
  }
  return [...keys].flatMap((key) => {
    const dot = key.indexOf('.');
    const resource = dot < 0 ? key : key.slice(0, dot);
    const group = dot < 0 ? '' : key.slice(dot + 1);
    return names.some((name) => concerns(name, group, resource)) ? [{ group, resource }] : [];
  });
}
