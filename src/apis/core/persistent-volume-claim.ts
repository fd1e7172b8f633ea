import { type FieldError, forbidden, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { compareAmounts } from './amounts.ts';
import { validateClaimSpec } from './claims.ts';
import { applyClaimSpecDefaults } from './pod/volume-defaults.ts';
import { sameMeaning } from './semantic-equality.ts';
import type { PersistentVolumeClaim } from './types.ts';

type Claim = DeepReadonly<PersistentVolumeClaim>;

/** Fills in the mode and the phase. */
export function applyClaimDefaults(claim: PersistentVolumeClaim): void {
  claim.spec ??= {};
  claim.status ??= {};
  claim.status.phase ||= 'Pending';
  applyClaimSpecDefaults(claim.spec);
}

/** Checks a claim. */
export function validateClaim(claim: Claim): FieldError[] {
  const errors: FieldError[] = [];
  validateClaimSpec(errors, 'spec', claim.spec);
  return errors;
}

/** Checks an update: a claim can be bound, and can grow. */
export function validateClaimUpdate(claim: Claim, old: Claim): FieldError[] {
  const errors = validateClaim(claim);
  const { spec } = claim;
  const before = old.spec;
  const storage = spec.resources?.requests?.['storage'] ?? '0';
  const had = before.resources?.requests?.['storage'] ?? '0';
  const rest = (each: Claim['spec']): unknown => {
    const { volumeName: _, resources: __, volumeAttributesClassName: ___, ...others } = each;
    return others;
  };
  const bound = before.volumeName !== undefined && spec.volumeName !== before.volumeName;
  if (bound || !sameMeaning(rest(spec), rest(before))) {
    const rule =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbidden('spec', rule));
  } else if (compareAmounts(storage, had) < 0) {
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  return errors;
}

/** Checks an update of a claim's status. */
export function validateClaimStatus(claim: Claim): FieldError[] {
  return claim.spec.accessModes?.length ? [] : [required('Spec.accessModes')];
}
