import { type FieldError, invalid } from '../field-error.ts';
import type { DeepReadonly } from '../meta/object.ts';
import type { OwnerReference } from '../meta/types.ts';

/** `metadata.ownerReferences`: each complete, at most one the controller. */
export function validateOwnerReferences(
  references: DeepReadonly<OwnerReference[]> | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  // Made once: there may be thousands that are too many.
  let all: readonly object[] | undefined;
  for (const reference of references ?? []) {
    errors.push(...ownerReferenceErrors(reference, path));
    if (!reference.controller) continue;
    const named = nameOf(reference);
    if (controller === undefined) controller = named;
    else {
      all ??= references?.map(shown);
      errors.push(
        invalid(
          path,
          all,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${named}`,
        ),
      );
    }
  }
  return errors;
}

function ownerReferenceErrors(reference: Partial<DeepReadonly<OwnerReference>>, path: string): FieldError[] {
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
  const errors: FieldError[] = [];
  if (versionOf(apiVersion) === '') {
    errors.push(invalid(`${path}.apiVersion`, apiVersion, 'version must not be empty'));
  }
  if (kind === '') errors.push(invalid(`${path}.kind`, kind, 'must not be empty'));
  if (name === '') errors.push(invalid(`${path}.name`, name, 'must not be empty'));
  if (uid === '') errors.push(invalid(`${path}.uid`, uid, 'must not be empty'));
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(invalid(path, shown(reference), '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function nameOf({ kind = '', name = '' }: Partial<DeepReadonly<OwnerReference>>): string {
  return `${kind}/${name}`;
}

/** A reference as Go writes it: what is required even where it is empty, and in its order. */
function shown({
  apiVersion = '',
  kind = '',
  name = '',
  uid = '',
  controller,
  blockOwnerDeletion,
}: Partial<DeepReadonly<OwnerReference>>): object {
  return {
    apiVersion,
    kind,
    name,
    uid,
    ...(controller == null ? {} : { controller }),
    ...(blockOwnerDeletion == null ? {} : { blockOwnerDeletion }),
  };
}

/** The version in an apiVersion; one with two slashes names none. */
function versionOf(apiVersion: string): string {
  const parts = apiVersion.split('/');
  return parts.length > 2 ? '' : (parts[parts.length - 1] ?? '');
}
