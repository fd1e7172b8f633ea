import type { Int64 } from '../exact-json.ts';
import { type FieldError, forbidden, invalid, required } from '../field-error.ts';
import type { DeepReadonly } from '../meta/object.ts';
import type { ObjectMeta } from '../meta/types.ts';
import { validateFinalizers, validateNoNewFinalizers } from './finalizers.ts';
import { validateAnnotations, validateLabels } from './labels.ts';
import { validateManagedFields } from './managed-fields.ts';
import { labelName, type NameRule, subdomainName } from './object-names.ts';
import { validateOwnerReferences } from './owner-references.ts';

/**
 * What an update made wrong in the metadata, for a kind's own rules to tell where upstream's do: they check it again, and
 * their answers list such causes twice.
 */
export interface MetadataErrors {
  /** What {@link validateObjectMeta} says of the new state, by the kind's rule for names. */
  readonly object: readonly FieldError[];
  /** What {@link validateObjectMetaUpdate} says of the change. */
  readonly change: readonly FieldError[];
}

/** Nothing is wrong with the metadata. */
export const SOUND_METADATA: MetadataErrors = Object.freeze({ object: [], change: [] });

/** What is said of a value that no update may change. */
const IMMUTABLE_FIELD = 'field is immutable';

/** Metadata as validation finds it: anything may be missing still. */
type AnyMeta = DeepReadonly<Partial<ObjectMeta>>;

/** Stands for the metadata of a new object's last state: there is none. */
const NO_META: AnyMeta = Object.freeze({});

/**
 * The metadata of a new object or of the new state of one, after names were generated. What is the very same value as in
 * `old`, the stored state, was valid when it was stored and is not looked at again.
 */
export function validateObjectMeta(
  metadata: AnyMeta,
  namespaced: boolean,
  nameRule: NameRule = subdomainName,
  path = 'metadata',
  old: AnyMeta = NO_META,
): FieldError[] {
  const { name, generateName, namespace, generation = 0 } = metadata;
  const errors: FieldError[] = [];
  if (generateName) {
    for (const wrong of nameRule(generateName, true)) {
      errors.push(invalid(`${path}.generateName`, generateName, wrong));
    }
  }
  if (!name) errors.push(required(`${path}.name`, 'name or generateName is required'));
  else if (name !== old.name)
    for (const wrong of nameRule(name, false)) errors.push(invalid(`${path}.name`, name, wrong));
  if (!namespaced) {
    if (namespace) errors.push(forbidden(`${path}.namespace`, 'not allowed on this type'));
  } else if (!namespace) errors.push(required(`${path}.namespace`));
  else if (namespace !== old.namespace) {
    for (const wrong of labelName(namespace, false)) {
      errors.push(invalid(`${path}.namespace`, namespace, wrong));
    }
  }
  if (generation < 0) errors.push(...validateNonNegative(generation, `${path}.generation`));
  const { labels, annotations, ownerReferences, finalizers, managedFields } = metadata;
  if (labels !== old.labels) errors.push(...validateLabels(labels, `${path}.labels`));
  if (annotations !== old.annotations)
    errors.push(...validateAnnotations(annotations, `${path}.annotations`));
  if (ownerReferences !== old.ownerReferences) {
    errors.push(...validateOwnerReferences(ownerReferences, `${path}.ownerReferences`));
  }
  if (finalizers !== old.finalizers) errors.push(...validateFinalizers(finalizers, `${path}.finalizers`));
  if (managedFields !== old.managedFields) {
    errors.push(...validateManagedFields(managedFields, `${path}.managedFields`));
  }
  return errors;
}

const IMMUTABLE = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;
/** Fields that are empty texts when unset, so that a message shows `""` instead of `null`. */
const TEXTS: ReadonlySet<string> = new Set(['name', 'namespace', 'uid']);

/** What an update did to the metadata that it may not; {@link validateObjectMeta} is to be asked besides. */
export function validateObjectMetaUpdate(metadata: AnyMeta, old: AnyMeta, path = 'metadata'): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    errors.push(...validateNoNewFinalizers(metadata.finalizers, old.finalizers, `${path}.finalizers`));
  }
  if (!metadata.resourceVersion) {
    errors.push(invalid(`${path}.resourceVersion`, '', 'must be specified for an update'));
  }
  if ((metadata.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid(`${path}.generation`, metadata.generation ?? 0, 'must not be decremented'));
  }
  for (const field of IMMUTABLE) {
    const unset = TEXTS.has(field) ? '' : undefined;
    const value = metadata[field] ?? unset;
    if (value !== (old[field] ?? unset)) errors.push(invalid(`${path}.${field}`, value, IMMUTABLE_FIELD));
  }
  // What is the very same value as before was valid when it was stored.
  if (metadata.labels !== old.labels) errors.push(...validateLabels(metadata.labels, `${path}.labels`));
  if (metadata.annotations !== old.annotations) {
    errors.push(...validateAnnotations(metadata.annotations, `${path}.annotations`));
  }
  if (metadata.ownerReferences !== old.ownerReferences) {
    errors.push(...validateOwnerReferences(metadata.ownerReferences, `${path}.ownerReferences`));
  }
  if (metadata.managedFields !== old.managedFields) {
    errors.push(...validateManagedFields(metadata.managedFields, `${path}.managedFields`));
  }
  return errors;
}

/** A number that may not be below zero. */
export function validateNonNegative(value: Int64, path: string): FieldError[] {
  return value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : [];
}
