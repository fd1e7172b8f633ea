import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { validateQualifiedName } from '../../apimachinery/validation/index.ts';
import { canonicalAmount, compareAmounts } from './amounts.ts';
import { validateClaimSpec } from './claims.ts';
import { unifiedDiff } from './line-diff.ts';
import { goClaimSpec } from './pod/update/go-form.ts';
import { applyClaimSpecDefaults } from './pod/volumes/volume-defaults.ts';
import { validateAmount } from './resource-amounts.ts';
import { isNativeResource } from './resource-names.ts';
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
export function validateClaimStatus({ spec, status }: Claim): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.accessModes?.length) errors.push(required('Spec.accessModes'));
  for (const [name, amount] of Object.entries(status.capacity ?? {})) {
    validateBasicAmount(errors, `status.capacity[${name}]`, amount);
  }
  const path = 'status.allocatedResourceStatuses';
  for (const [name, state] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    validateResizedResource(errors, path, name);
    if (!RESIZE_STATES.includes(state)) errors.push(notSupported(path, name, RESIZE_STATES));
  }
  for (const [name, amount] of Object.entries(status.allocatedResources ?? {})) {
    const at = 'status.allocatedResources';
    if (!validateResizedResource(errors, at, name)) continue;
    const before = errors.length;
    validateBasicAmount(errors, `${at}[${name}]`, amount);
    if (errors.length === before) validateAmount(errors, `${at}[${name}]`, 'storage', amount);
  }
  return errors;
}

const RESIZE_STATES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort();

/** Checks the name of what a claim has been given more of; answers whether it may be that. */
function validateResizedResource(errors: FieldError[], path: string, name: string): boolean {
  const wrongs = validateQualifiedName(name);
  for (const wrong of wrongs) errors.push(invalid(path, name, wrong));
  if (wrongs.length > 0) return false;
  if (!isNativeResource(name) || name === 'storage') return true;
  errors.push(notSupported(path, name, ['storage']));
  return false;
}

function validateBasicAmount(errors: FieldError[], path: string, amount: string): void {
  if (compareAmounts(amount, '0') >= 0) return;
  const shown = Number(canonicalAmount(amount));
  errors.push(
    invalid(path, Number.isNaN(shown) ? canonicalAmount(amount) : shown, 'must be a valid resource quantity'),
  );
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
