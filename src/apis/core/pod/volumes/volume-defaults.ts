import { defaultPullPolicy } from '../../image-reference.ts';
import type {
  DownwardAPIVolumeFile,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  Volume,
  VolumeProjection,
} from '../../types.ts';
import { roundToMilli } from '../containers/resource-defaults.ts';

/** Mode of the files that Kubernetes itself writes into a volume: 0644. */
const FILE_MODE = 0o644;
const TOKEN_LIFETIME_SECONDS = 3600;

/** Fills in what the API documents as default of a volume; one without any source becomes an emptyDir. */
export function applyVolumeDefaults(volume: Volume): void {
  if (!hasSource(volume)) volume.emptyDir = {};
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.secret) volume.secret.defaultMode ??= FILE_MODE;
  if (volume.configMap) volume.configMap.defaultMode ??= FILE_MODE;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= FILE_MODE;
    applyFileDefaults(volume.downwardAPI.items);
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= FILE_MODE;
    for (const source of volume.projected.sources ?? []) applyProjectionDefaults(source);
  }
  if (volume.image && !volume.image.pullPolicy) {
    volume.image.pullPolicy = defaultPullPolicy(volume.image.reference ?? '');
  }
  if (volume.ephemeral?.volumeClaimTemplate)
    applyClaimSpecDefaults(volume.ephemeral.volumeClaimTemplate.spec);
  applyNetworkVolumeDefaults(volume);
}

function hasSource(volume: Volume): boolean {
  for (const key in volume) if (key !== 'name' && volume[key as keyof Volume] != null) return true;
  return false;
}

function applyProjectionDefaults(source: VolumeProjection): void {
  if (source.downwardAPI) applyFileDefaults(source.downwardAPI.items);
  if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= TOKEN_LIFETIME_SECONDS;
}

function applyFileDefaults(files: DownwardAPIVolumeFile[] | undefined): void {
  for (const file of files ?? []) {
    if (file.fieldRef && !file.fieldRef.apiVersion) file.fieldRef.apiVersion = 'v1';
    if (file.resourceFieldRef) file.resourceFieldRef.divisor ??= '0';
  }
}

/** Fills in the default of a claim's spec, of its own or as the template of an ephemeral volume. */
export function applyClaimSpecDefaults(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
  spec.resources ??= {};
  roundToMilli(spec.resources.limits);
  roundToMilli(spec.resources.requests);
}

/** Fills in the defaults of sources that pods' volumes and persistent volumes have in common. */
export function applyNetworkVolumeDefaults(volume: Volume | PersistentVolumeSpec): void {
  if (volume.iscsi) volume.iscsi.iscsiInterface ||= 'default';
  if (volume.rbd) {
    volume.rbd.pool ||= 'rbd';
    volume.rbd.user ||= 'admin';
    volume.rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite';
    volume.azureDisk.fsType ??= 'ext4';
    volume.azureDisk.readOnly ??= false;
    volume.azureDisk.kind ??= 'Shared';
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ||= 'ThinProvisioned';
    volume.scaleIO.fsType ||= 'xfs';
  }
}
