import type { DeepReadonly } from '../meta/object.ts';
import type { ManagedFieldsEntry } from '../meta/types.ts';
import { FieldSet } from './field-set.ts';

/** Update entries that an object keeps; the oldest of more are joined, as upstream does. */
const UPDATE_MANAGERS_MAX = 10;
/** Under this name the oldest update entries are joined. */
const JOINED_MANAGER = 'ancient-changes';

/** Who owns something: a name, what it did, and through which part of the object. */
export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
}

/** What one manager owns. */
export interface Ownership {
  readonly manager: Manager;
  readonly fields: FieldSet;
  readonly time: string | undefined;
}

/** All owners of an object's fields, by {@link managerId}. A value: changing it makes a new one. */
export type Owners = ReadonlyMap<string, Ownership>;

/** Tells managers apart: an applier is the same in every version. Also their order in messages. */
export function managerId({ manager, operation, apiVersion, subresource }: Manager): string {
  return JSON.stringify({
    manager,
    operation,
    ...(operation === 'Apply' || apiVersion === '' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  });
}

/** Reads `metadata.managedFields`. Throws SyntaxError for entries that are broken. */
export function decodeOwners(entries: DeepReadonly<ManagedFieldsEntry[]> | undefined): Owners {
  const owners = new Map<string, Ownership>();
  for (const entry of entries ?? []) {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      throw new SyntaxError('operation must be `Apply` or `Update`');
    }
    if (!entry.apiVersion) throw new SyntaxError('apiVersion must not be empty');
    if (entry.fieldsType !== 'FieldsV1') {
      throw new SyntaxError(
        entry.fieldsType
          ? `invalid fieldsType "${entry.fieldsType}"`
          : 'missing fieldsType in managed fields entry',
      );
    }
    const manager: Manager = {
      manager: entry.manager ?? '',
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      subresource: entry.subresource ?? '',
    };
    owners.set(managerId(manager), {
      manager,
      fields: FieldSet.fromFieldsV1(entry.fieldsV1),
      time: entry.time,
    });
  }
  return owners;
}

/** Writes `metadata.managedFields`, in upstream's order; undefined when nobody owns anything. */
export function encodeOwners(owners: Owners): ManagedFieldsEntry[] | undefined {
  if (owners.size === 0) return undefined;
  return [...owners.values()].sort(inOrder).map(({ manager, fields, time }) => ({
    ...(manager.manager === '' ? {} : { manager: manager.manager }),
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields.toFieldsV1(),
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  }));
}

function inOrder(a: Ownership, b: Ownership): number {
  return (
    compareTexts(a.manager.operation, b.manager.operation) ||
    compareTexts(a.time ?? '', b.time ?? '') ||
    compareTexts(a.manager.manager, b.manager.manager) ||
    compareTexts(a.manager.apiVersion, b.manager.apiVersion) ||
    compareTexts(a.manager.subresource, b.manager.subresource)
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Joins the oldest update entries, so that an object that many write to does not grow without end. */
export function capped(owners: Owners): Owners {
  const updaters = [...owners].filter(([, { manager }]) => manager.operation === 'Update');
  if (updaters.length <= UPDATE_MANAGERS_MAX) return owners;
  updaters.sort(
    ([a, left], [b, right]) => compareTexts(left.time ?? '', right.time ?? '') || compareTexts(a, b),
  );
  const result = new Map(owners);
  const firstOfVersion = new Map<string, string>();
  let left = updaters.length;
  for (const [id, { manager, fields, time }] of updaters) {
    if (left <= UPDATE_MANAGERS_MAX) break;
    const { apiVersion } = manager;
    const first = firstOfVersion.get(apiVersion);
    if (first === undefined) {
      firstOfVersion.set(apiVersion, id);
      continue;
    }
    const joined: Manager = { manager: JOINED_MANAGER, operation: 'Update', apiVersion, subresource: '' };
    const bucket = managerId(joined);
    const before = result.get(bucket) ?? result.get(first);
    if (!result.has(bucket)) result.delete(first);
    result.delete(id);
    result.set(bucket, { manager: joined, fields: before?.fields.union(fields) ?? fields, time });
    left--;
  }
  return result;
}
