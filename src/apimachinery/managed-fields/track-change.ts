import { isJsonObject, type JsonObject } from '../json.ts';
import type { DeepReadonly } from '../meta/object.ts';
import type { ManagedFieldsEntry } from '../meta/types.ts';
import { compareObjects, ignoring } from './comparison.ts';
import type { FieldEndpoint } from './endpoint.ts';
import { FieldSet } from './field-set.ts';
import { capped, decodeOwners, encodeOwners, type Manager, managerId, type Owners } from './managers.ts';
import { ownable, takenFromOthers } from './take-over.ts';

/** An object of any kind, as far as ownership looks at it. */
export type Owned = DeepReadonly<object>;

/** Who writes, and when. */
export interface Writer {
  /** The field manager; `unknown` when empty. */
  readonly manager: string;
  /** RFC 3339, to the second. */
  readonly time: string;
}

/**
 * What `metadata.managedFields` of an object is to be after a create, update or patch: the writer owns what it set or
 * changed, others lose that, and what is gone is nobody's. Undefined: nobody owns anything.
 *
 * An object that exists without entries stays without: tracking begins with its creation or, through applyConfiguration(),
 * with its first apply. So a server may leave tracking out for writers that nobody will have a conflict with.
 *
 * @param live the stored object; undefined on create.
 * @param next the object that will be stored. Its own managedFields count where a client sent them to the object itself: an
 * empty list gives up all ownership.
 */
export function trackChange(
  live: Owned | undefined,
  next: Owned,
  endpoint: FieldEndpoint,
  writer: Writer,
): ManagedFieldsEntry[] | undefined {
  const owners = ownersBefore(live, next, endpoint);
  if (owners.size === 0 && live !== undefined) return undefined;
  return encodeOwners(changedOwners(owners, live ?? endpoint.blank ?? {}, next, endpoint, writer));
}

/** The owners after a change that was not an apply. */
export function changedOwners(
  owners: Owners,
  live: Owned,
  next: Owned,
  endpoint: FieldEndpoint,
  writer: Writer,
): Owners {
  const reset = FieldSet.of(...(endpoint.resetFields ?? []));
  const compared = compareObjects(withoutEntries(live), withoutEntries(next), endpoint.schema);
  const change = ignoring(compared, reset);
  const result = new Map(takenFromOthers(owners, '', change, true, endpoint.apiVersions));
  const gained = ownable(change.modified.union(change.added));
  if (!gained.isEmpty()) {
    const manager: Manager = {
      manager: writer.manager === '' ? 'unknown' : writer.manager,
      operation: 'Update',
      apiVersion: endpoint.apiVersion,
      subresource: endpoint.subresource ?? '',
    };
    const id = managerId(manager);
    const fields = result.get(id)?.fields.union(gained) ?? gained;
    result.set(id, { manager, fields, time: writer.time });
  }
  return capped(result);
}

function ownersBefore(live: Owned | undefined, next: Owned, endpoint: FieldEndpoint): Owners {
  const stored = (): Owners => decodedOrNone(entriesOf(live));
  if (endpoint.subresource) return stored();
  const sent = entriesOf(next);
  if (sent !== undefined && isReset(sent)) return NOBODY;
  const owners = decodedOrNone(sent);
  return owners.size === 0 ? stored() : owners;
}

const NOBODY: Owners = new Map();

/** An empty list, or one of a single empty entry. */
function isReset(entries: DeepReadonly<ManagedFieldsEntry[]>): boolean {
  const [first] = entries;
  return first === undefined || (entries.length === 1 && Object.keys(first).length === 0);
}

function decodedOrNone(entries: DeepReadonly<ManagedFieldsEntry[]> | undefined): Owners {
  try {
    return decodeOwners(entries);
  } catch (error) {
    if (error instanceof SyntaxError) return NOBODY;
    throw error;
  }
}

/** `metadata.managedFields` of an object. */
export function entriesOf(object: Owned | undefined): DeepReadonly<ManagedFieldsEntry[]> | undefined {
  const { metadata } = (object ?? {}) as {
    metadata?: { managedFields?: DeepReadonly<ManagedFieldsEntry[]> };
  };
  return metadata?.managedFields;
}

/** An object without its managedFields, sharing the rest. */
export function withoutEntries(object: Owned): JsonObject {
  const { metadata } = object as JsonObject;
  if (!isJsonObject(metadata)) return object as JsonObject;
  const { managedFields: _, ...kept } = metadata;
  return { ...object, metadata: kept };
}
