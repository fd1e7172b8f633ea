import { StatusError } from '../status-error.ts';
import type { Comparison } from './comparison.ts';
import { type Conflict, newApplyConflict } from './conflict.ts';
import { FieldSet } from './field-set.ts';
import type { Owners, Ownership } from './managers.ts';

/** Metadata that belongs to nobody: identity and bookkeeping of the server. */
const UNOWNED = FieldSet.of(
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'selfLink'],
  ['metadata', 'uid'],
  ['metadata', 'clusterName'],
  ['metadata', 'generation'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
);

/** A set without what nobody owns. */
export function ownable(fields: FieldSet): FieldSet {
  return fields.difference(UNOWNED);
}

/**
 * What a change leaves to the other managers: fields that it changed are no longer theirs, fields that it removed are
 * nobody's. Unless `force`, a change of what is theirs is thrown as 409.
 *
 * @param self the id of the manager that changes, whose own entry is left alone.
 * @param versions those that the kind has: whoever owns something in another one loses it, as upstream cannot compare it.
 * Missing: all. Throws 500 for an owner whose version is none at all.
 */
export function takenFromOthers(
  owners: Owners,
  self: string,
  change: Comparison,
  force: boolean,
  versions?: ReadonlySet<string>,
): Owners {
  const touched = change.modified.union(change.added);
  const conflicts: { readonly id: string; readonly conflict: Conflict }[] = [];
  const result = new Map<string, Ownership>();
  for (const [id, ownership] of owners) {
    if (id === self) {
      result.set(id, ownership);
      continue;
    }
    const { apiVersion } = ownership.manager;
    if (versions !== undefined && !versions.has(apiVersion)) {
      if (apiVersion.split('/').length > 2) {
        throw new StatusError(500, '', `unexpected GroupVersion string: ${apiVersion}`);
      }
      continue;
    }
    const fields = ownership.fields.intersection(touched);
    if (!fields.isEmpty()) conflicts.push({ id, conflict: { manager: ownership.manager, fields } });
    const left = ownership.fields.difference(fields).difference(change.removed);
    if (!left.isEmpty()) result.set(id, { ...ownership, fields: left });
  }
  if (!force && conflicts.length > 0) {
    conflicts.sort((a, b) => (a.id < b.id ? -1 : 1));
    throw newApplyConflict(conflicts.map(({ conflict }) => conflict));
  }
  return result;
}
