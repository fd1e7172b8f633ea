/** Rules for the metadata that every object has. */
import { type FieldError, forbidden, invalid, required } from '../field-error.ts';
import type { DeepReadonly } from '../meta/object.ts';
import type { ObjectMeta, OwnerReference } from '../meta/types.ts';
import { validateAnnotations, validateLabels } from './labels.ts';
import { validateDns1123Label, validateDns1123Subdomain, validateQualifiedName } from './names.ts';

/** A rule for `metadata.name`; `prefix` says that the value is a generateName. */
export type NameRule = (name: string, prefix: boolean) => readonly string[];

/** Finalizers that carry a propagation policy; an object has at most one of them. */
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** What the API says of a field that never changes. */
const IMMUTABLE = 'field is immutable';

/** The name rule of most kinds: a DNS subdomain; the beginning of one may end with a dash or dot that the suffix completes. */
export const subdomainName: NameRule = (name, prefix) =>
  validateDns1123Subdomain(prefix ? completed(name) : name);

/** The name rule of namespaces and others: a DNS label. */
export const labelName: NameRule = (name, prefix) => validateDns1123Label(prefix ? completed(name) : name);

/** A generateName ending with a dash is judged as if the suffix were there. */
function completed(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix;
}

/**
 * Metadata of a new object, its name already generated.
 *
 * @param namespaced whether the kind lives in namespaces.
 * @param nameRule the kind's rule for names.
 */
export function validateObjectMeta(
  meta: DeepReadonly<Partial<ObjectMeta>>,
  namespaced: boolean,
  nameRule: NameRule = subdomainName,
  field = 'metadata',
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', generateName = '', namespace = '', generation = 0 } = meta;
  if (generateName !== '') {
    for (const wrong of nameRule(generateName, true))
      errors.push(invalid(`${field}.generateName`, generateName, wrong));
  }
  if (name === '') errors.push(required(`${field}.name`, 'name or generateName is required'));
  else for (const wrong of nameRule(name, false)) errors.push(invalid(`${field}.name`, name, wrong));
  if (!namespaced && namespace !== '')
    errors.push(forbidden(`${field}.namespace`, 'not allowed on this type'));
  else if (namespaced && namespace === '') errors.push(required(`${field}.namespace`));
  else if (namespaced) {
    for (const wrong of validateDns1123Label(namespace))
      errors.push(invalid(`${field}.namespace`, namespace, wrong));
  }
  if (generation < 0)
    errors.push(invalid(`${field}.generation`, generation, 'must be greater than or equal to 0'));
  errors.push(...validateLabels(meta.labels, `${field}.labels`));
  errors.push(...validateAnnotations(meta.annotations, `${field}.annotations`));
  errors.push(...validateOwnerReferences(meta.ownerReferences, `${field}.ownerReferences`));
  errors.push(...validateFinalizers(meta.finalizers, `${field}.finalizers`));
  return errors;
}

/** Metadata of a changed object against what it was. */
export function validateObjectMetaUpdate(
  meta: DeepReadonly<ObjectMeta>,
  old: DeepReadonly<ObjectMeta>,
  field = 'metadata',
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const before = new Set(old.finalizers);
    const added = [...new Set(meta.finalizers)].filter((name) => !before.has(name)).sort();
    if (added.length > 0) {
      const shown = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
      errors.push(
        forbidden(
          `${field}.finalizers`,
          `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`,
        ),
      );
    }
  }
  if (!meta.resourceVersion) {
    errors.push(
      invalid(`${field}.resourceVersion`, meta.resourceVersion ?? '', 'must be specified for an update'),
    );
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid(`${field}.generation`, meta.generation ?? 0, 'must not be decremented'));
  }
  for (const name of IMMUTABLE_FIELDS) {
    if (meta[name] !== old[name]) errors.push(invalid(`${field}.${name}`, meta[name], IMMUTABLE));
  }
  if (meta.labels !== old.labels) errors.push(...validateLabels(meta.labels, `${field}.labels`));
  if (meta.annotations !== old.annotations) {
    errors.push(...validateAnnotations(meta.annotations, `${field}.annotations`));
  }
  errors.push(...validateOwnerReferences(meta.ownerReferences, `${field}.ownerReferences`));
  return errors;
}

const IMMUTABLE_FIELDS = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** Owner references: each complete, at most one of them the controller. */
export function validateOwnerReferences(
  references: readonly DeepReadonly<OwnerReference>[] | undefined,
  field: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of references ?? []) {
    errors.push(...validateOwnerReference(reference, field));
    if (reference.controller !== true) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (controller === undefined) controller = name;
    else {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
      errors.push(invalid(field, references, why));
    }
  }
  return errors;
}

function validateOwnerReference(
  reference: DeepReadonly<OwnerReference>,
  field: string,
): readonly FieldError[] {
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
  const errors: FieldError[] = [];
  // A version is what follows the slash, or the whole of it for the core group.
  const parts = apiVersion.split('/');
  if (apiVersion === '' || parts.length > 2 || parts.at(-1) === '') {
    errors.push(invalid(`${field}.apiVersion`, apiVersion, 'version must not be empty'));
  }
  for (const [child, value] of Object.entries({ kind, name, uid })) {
    if (value === '') errors.push(invalid(`${field}.${child}`, value, 'must not be empty'));
  }
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(invalid(field, reference, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

/** Names of finalizers, of which `orphan` and `foregroundDeletion` exclude each other. */
export function validateFinalizers(
  finalizers: readonly string[] | undefined,
  field: string,
): readonly FieldError[] {
  if (finalizers === undefined) return [];
  const errors = finalizers.flatMap((name) =>
    validateQualifiedName(name).map((wrong) => invalid(field, name, wrong)),
  );
  if (finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    errors.push(invalid(field, finalizers, `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`));
  }
  return errors;
}
