import { type FieldError, forbidden, invalid, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { compareAmounts } from './amounts.ts';
import { validateClaimSpec } from './claims.ts';
import { unifiedDiff } from './line-diff.ts';
import { goClaimSpec } from './pod/go-form.ts';
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

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** Checks an update: a claim can be bound, get a class where it had none, and when it is bound it can grow. */
export function validateClaimUpdate(claim: Claim, old: Claim): FieldError[] {
  const errors = validateClaim(claim);
  const { spec } = claim;
  const before = old.spec;
  const storage = spec.resources?.requests?.['storage'] ?? '0';
  const had = before.resources?.requests?.['storage'] ?? '0';
  const oldAnnotation = old.metadata.annotations?.[CLASS_ANNOTATION];
  const annotation = claim.metadata.annotations?.[CLASS_ANNOTATION];
  const isUpgrade =
    oldAnnotation !== undefined &&
    before.storageClassName === undefined &&
    spec.storageClassName === oldAnnotation &&
    (annotation === undefined || annotation === oldAnnotation);
  if (!isUpgrade && (annotation ?? '') !== (oldAnnotation ?? '')) {
    const path = `metadata.annotations[${CLASS_ANNOTATION}]`;
    errors.push(invalid(path, annotation ?? '', 'field is immutable'));
  }
  const same = unchangeable(claim, old, isUpgrade);
  const kept = before.volumeName ? before : { ...before, ...volumeNameOf(spec) };
  if (!sameMeaning(same, kept) || !sameClasses(same, kept)) {
    const pretty = (each: Claim['spec']): string => JSON.stringify(goClaimSpec(each), null, 1);
    const rule =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbidden('spec', `${rule}\n${unifiedDiff(pretty(kept), pretty(same))}`));
  }
  if (compareAmounts(storage, had) < 0) {
    const capacity = old.status.capacity?.['storage'] ?? '0';
    if (compareAmounts(storage, capacity) <= 0) {
      errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
    }
  }
  if (spec.volumeMode !== before.volumeMode) {
    errors.push(invalid('volumeMode', spec.volumeMode, 'field is immutable'));
  }
  return errors;
}

/** A class that is given as none is another thing than one that is not given. */
function sameClasses(spec: Claim['spec'], old: Claim['spec']): boolean {
  const fields = ['storageClassName', 'volumeAttributesClassName'] as const;
  return fields.every((field) => (spec[field] ?? null) === (old[field] ?? null));
}

const volumeNameOf = ({ volumeName }: Claim['spec']): object =>
  volumeName === undefined ? {} : { volumeName };

/** The new spec without what may change: of a bound claim its size and its class of attributes, and a class that it lacked. */
function unchangeable(claim: Claim, old: Claim, isUpgrade: boolean): Claim['spec'] {
  const { spec } = claim;
  const before = old.spec;
  const had = before.resources?.requests?.['storage'];
  const { storageClassName, volumeAttributesClassName, ...rest } = spec;
  const isFirstClass =
    old.metadata.annotations?.[CLASS_ANNOTATION] === undefined &&
    before.storageClassName === undefined &&
    storageClassName !== undefined;
  const keepsClass = !isUpgrade && !isFirstClass && storageClassName !== undefined;
  const isBound = claim.status.phase === 'Bound';
  const attributes = isBound ? before.volumeAttributesClassName : volumeAttributesClassName;
  const resized = isBound && spec.resources?.requests !== undefined && had !== undefined;
  return {
    ...rest,
    ...(keepsClass ? { storageClassName } : {}),
    ...(attributes === undefined ? {} : { volumeAttributesClassName: attributes }),
    ...(resized
      ? { resources: { ...spec.resources, requests: { ...spec.resources?.requests, storage: had } } }
      : {}),
  };
}

/** Checks an update of a claim's status. */
export function validateClaimStatus(claim: Claim): FieldError[] {
  return claim.spec.accessModes?.length ? [] : [required('Spec.accessModes')];
}

const POPULATED_BY: ReadonlySet<string> = new Set([
  ' PersistentVolumeClaim',
  'snapshot.storage.k8s.io VolumeSnapshot',
]);

/**
 * Brings the two ways of naming a data source to say the same. In the older one everything but claims and snapshots is
 * dropped, as ever; `old` is the spec before an update.
 */
export function settleDataSources(
  spec: PersistentVolumeClaim['spec'],
  old?: DeepReadonly<PersistentVolumeClaim['spec']>,
): void {
  // References across namespaces stand behind a feature gate that is off by default.
  if (spec.dataSourceRef?.namespace && old?.dataSourceRef === undefined) delete spec.dataSourceRef;
  if (old?.dataSource === undefined && old?.dataSourceRef === undefined && spec.dataSourceRef === undefined) {
    const { dataSource } = spec;
    if (dataSource !== undefined && !POPULATED_BY.has(`${dataSource.apiGroup ?? ''} ${dataSource.kind}`)) {
      delete spec.dataSource;
    }
  }
  if (spec.dataSource !== undefined) spec.dataSourceRef ??= { ...spec.dataSource };
  else if (spec.dataSourceRef !== undefined && !spec.dataSourceRef.namespace) {
    const { namespace: _, ...dataSource } = spec.dataSourceRef;
    spec.dataSource = dataSource;
  }
}
