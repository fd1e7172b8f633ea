import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { shownMap } from '../../apimachinery/schema/index.ts';
import { validateDns1123Subdomain } from '../../apimachinery/validation/index.ts';
import { canonicalAmount, compareAmounts, roundUpToMilli } from './amounts.ts';
import { VOLUME_MODES, validateAccessModes } from './claims.ts';
import { unifiedDiff } from './line-diff.ts';
import { refuseBacksteps } from './paths.ts';
import { validateNetworkSource } from './persistent-volume-sources.ts';
import { validateNodeSelector } from './pod/scheduling/affinity.ts';
import { goVolumeNodeAffinity, goVolumeSource } from './pod/update/go-form.ts';
import { applyNetworkVolumeDefaults } from './pod/volumes/volume-defaults.ts';
import { HOST_PATH_TYPES } from './pod/volumes/volumes.ts';
import { reportEach, requireOneOf } from './report.ts';
import { sameMeaning } from './semantic-equality.ts';
import type { PersistentVolume, PersistentVolumeSpec } from './types.ts';

type Volume = DeepReadonly<PersistentVolume>;
const POLICIES = ['Delete', 'Recycle', 'Retain'];
const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies readonly (keyof PersistentVolumeSpec)[];

/** Fills in the mode, the reclaim policy, the phase and what its source leaves open. */
export function applyPersistentVolumeDefaults(volume: PersistentVolume): void {
  volume.spec ??= {};
  volume.status ??= {};
  volume.status.phase ||= 'Pending';
  volume.spec.persistentVolumeReclaimPolicy ||= 'Retain';
  volume.spec.volumeMode ??= 'Filesystem';
  if (volume.spec.hostPath) volume.spec.hostPath.type ??= '';
  applyNetworkVolumeDefaults(volume.spec);
  const { capacity } = volume.spec;
  for (const name in capacity) capacity[name] = roundUpToMilli(capacity[name] ?? '0');
}

/** Checks a volume. */
export function validatePersistentVolume({ metadata, spec }: Volume): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.accessModes?.length) errors.push(required('spec.accessModes'));
  validateAccessModes(errors, 'spec.accessModes', spec.accessModes);
  validateCapacity(errors, spec);
  const reclaim: string = spec.persistentVolumeReclaimPolicy ?? '';
  if (!POLICIES.includes(reclaim)) {
    errors.push(notSupported('spec.persistentVolumeReclaimPolicy', reclaim, POLICIES));
  }
  const nodes = spec.nodeAffinity?.required;
  if (nodes) validateNodeSelector(errors, 'spec.nodeAffinity.required', nodes, false);
  else if (spec.nodeAffinity) {
    errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  }
  validateSources(errors, spec, metadata.name);
  validateClassName(errors, 'spec.storageClassName', spec.storageClassName);
  const mode: string | undefined = spec.volumeMode;
  if (mode != null && !VOLUME_MODES.includes(mode)) {
    errors.push(notSupported('spec.volumeMode', mode, VOLUME_MODES));
  }
  validateClassName(errors, 'spec.volumeAttributesClassName', spec.volumeAttributesClassName);
  if (spec.volumeAttributesClassName === '') {
    errors.push(required('spec.volumeAttributesClassName', 'an empty string is disallowed'));
  }
  if (spec.volumeAttributesClassName != null && !spec.csi) {
    errors.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
  }
  return errors;
}

function validateClassName(errors: FieldError[], path: string, name: string | undefined): void {
  if (name) reportEach(errors, path, name, validateDns1123Subdomain(name));
}

function validateCapacity(errors: FieldError[], spec: Volume['spec']): void {
  const { capacity } = spec;
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.push(required('spec.capacity'));
  if (names.length !== 1 || names[0] !== 'storage') {
    errors.push(notSupported('spec.capacity', shownMap(spec, 'capacity'), ['storage']));
  }
  for (const name of names) {
    const amount = capacity?.[name] ?? '0';
    if (compareAmounts(amount, '0') < 0) {
      const shown = Number(canonicalAmount(amount));
      const asIs = Number.isNaN(shown) ? canonicalAmount(amount) : shown;
      errors.push(invalid(`spec.capacity[${name}]`, asIs, 'must be a valid resource quantity'));
    }
    if (compareAmounts(amount, '0') <= 0) {
      errors.push(invalid(`spec.capacity[${name}]`, canonicalAmount(amount), 'must be greater than zero'));
    }
  }
}

/** Upstream's paths of sources that are not their names: where one is too many, and where one is wrong. */
const FORBIDDEN_PATHS: Readonly<Record<string, string>> = { cephfs: 'cephFS' };
const SOURCE_PATHS: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };

function validateSources(errors: FieldError[], spec: Volume['spec'], name: string): void {
  const given = SOURCES.filter((source) => spec[source]);
  let found = 0;
  for (const source of given) {
    // Of flex volumes upstream never says that they are too many.
    if (found > 0 && source !== 'flexVolume') {
      const path = `spec.${FORBIDDEN_PATHS[source] ?? source}`;
      errors.push(forbidden(path, 'may not specify more than 1 volume type'));
      continue;
    }
    found++;
    const path = `spec.${SOURCE_PATHS[source] ?? source}`;
    if (source === 'hostPath') validateHostPath(errors, path, spec);
    else if (source === 'local') validateLocal(errors, path, spec);
    else validateNetworkSource(errors, path, source, spec, name);
  }
  if (found === 0) errors.push(required('spec', 'must specify a volume type'));
  const root = /^\/[/.]*$/.test(spec.hostPath?.path ?? '');
  if (root && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const rule = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbidden('spec.persistentVolumeReclaimPolicy', rule));
  }
}

function validateHostPath(errors: FieldError[], path: string, { hostPath }: Volume['spec']): void {
  if (!hostPath?.path) {
    errors.push(required(`${path}.path`));
    return;
  }
  refuseBacksteps(errors, `${path}.path`, hostPath.path);
  if (hostPath.type) requireOneOf(errors, `${path}.type`, hostPath.type, HOST_PATH_TYPES);
}

function validateLocal(errors: FieldError[], path: string, { local, nodeAffinity }: Volume['spec']): void {
  if (!local?.path) errors.push(required(`${path}.path`));
  else refuseBacksteps(errors, `${path}.path`, local.path);
  if (!nodeAffinity) errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
}

/** Sources that Kubernetes no longer serves, and since when. */
const GONE: Readonly<Record<string, string>> = {
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

/** Warnings for what Kubernetes has given up. */
export function persistentVolumeWarnings({ spec }: Volume): string[] {
  const warnings: string[] = [];
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    warnings.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    );
  }
  const given: Readonly<Record<string, unknown>> = spec;
  for (const [source, why] of Object.entries(GONE)) {
    if (given[source]) warnings.push(`spec.${source === 'storageos' ? 'storageOS' : source}: ${why}`);
  }
  return warnings;
}

/** A volume's new spec, but for a Secret that it has come to be expanded with, which it may. */
function withoutNewExpandSecret(spec: Volume['spec'], old: Volume['spec']): Volume['spec'] {
  if (spec.csi?.controllerExpandSecretRef === undefined || old.csi === undefined) return spec;
  if (old.csi.controllerExpandSecretRef !== undefined) return spec;
  const { controllerExpandSecretRef: _, ...csi } = spec.csi;
  return { ...spec, csi };
}

/** Checks an update: where a volume lies never changes. */
export function validatePersistentVolumeUpdate(volume: Volume, old: Volume): FieldError[] {
  const errors = validatePersistentVolume(volume);
  const source = (of: Volume['spec']): unknown =>
    Object.fromEntries(SOURCES.filter((name) => of[name]).map((name) => [name, of[name]]));
  const spec = withoutNewExpandSecret(volume.spec, old.spec);
  if (!sameMeaning(source(spec), source(old.spec))) {
    const pretty = (shown: Volume['spec']): string => JSON.stringify(goVolumeSource(shown), null, 1);
    const diff = unifiedDiff(pretty(old.spec), pretty(spec));
    const rule = `spec.persistentvolumesource is immutable after creation\n${diff}`;
    errors.push(forbidden('spec.persistentvolumesource', rule));
  }
  if (volume.spec.volumeMode !== old.spec.volumeMode) {
    errors.push(invalid('volumeMode', volume.spec.volumeMode, 'field is immutable'));
  }
  const affinity = old.spec.nodeAffinity;
  if (affinity !== undefined && !sameMeaning(volume.spec.nodeAffinity, affinity)) {
    const rule = 'field is immutable, except for updating from beta label to GA';
    errors.push(invalid('nodeAffinity', goVolumeNodeAffinity(volume.spec.nodeAffinity), rule));
  }
  if (
    old.spec.volumeAttributesClassName !== undefined &&
    volume.spec.volumeAttributesClassName === undefined
  ) {
    errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  }
  return errors;
}
