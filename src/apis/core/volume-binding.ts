/** Which volume fits which claim, and the annotations by which binders and provisioners talk to each other. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { labelSelectorMatches } from '../../apimachinery/selectors/index.ts';
import { compareAmounts } from './amounts.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from './types.ts';

type Claim = DeepReadonly<PersistentVolumeClaim>;
type Volume = DeepReadonly<PersistentVolume>;

/** On a claim: its binding has been completed once. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** On a claim or a volume: the controller chose the other side, not a user. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** On a volume: who made it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** On a claim: the node for whose pod the volume is to be made. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** On a claim: who is to make its volume. The second is the same under its old name. */
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
/** See {@link STORAGE_PROVISIONER}. */
export const OLD_STORAGE_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';
/** The provisioner of classes whose volumes an administrator makes by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
const CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The class that a claim asks for; empty for none. */
export function classOfClaim({ metadata, spec }: Claim): string {
  return metadata.annotations?.[CLASS] ?? spec.storageClassName ?? '';
}

/** Whether a claim says anything about its class, be it that it wants none. */
export function claimHasClass({ metadata, spec }: Claim): boolean {
  return metadata.annotations?.[CLASS] !== undefined || spec.storageClassName !== undefined;
}

/** The class that a volume belongs to; empty for none. */
function classOfVolume({ metadata, spec }: Volume): string {
  return metadata.annotations?.[CLASS] ?? spec.storageClassName ?? '';
}

/** Whether a volume is reserved for this claim, by its name and, once that is known, by its uid. */
export function isReservedFor({ spec: { claimRef } }: Volume, { metadata }: Claim): boolean {
  if (claimRef === undefined) return false;
  if (claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

/** Whether one is a file system and the other a raw device. */
export function differInMode(volume: Volume, claim: Claim): boolean {
  return (volume.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem');
}

function hasModes({ spec }: Volume, claim: Claim): boolean {
  return (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode));
}

const sizeOf = ({ spec }: Volume): string => spec.capacity?.['storage'] ?? '0';
const wantedSize = ({ spec }: Claim): string => spec.resources?.requests?.['storage'] ?? '0';
const sameAttributes = (volume: Volume, claim: Claim): boolean =>
  (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '');

/** Why a volume that a claim names cannot be bound to it, in words; undefined when it can. */
export function volumeMisfit(volume: Volume, claim: Claim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) {
    return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`;
  }
  if (compareAmounts(sizeOf(volume), wantedSize(claim)) < 0) return 'requested PV is too small';
  if (classOfVolume(volume) !== classOfClaim(claim)) return 'storageClassName does not match';
  if (!sameAttributes(volume, claim)) return 'volumeAttributesClassName does not match';
  if (differInMode(volume, claim)) return 'incompatible volumeMode';
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode';
}

/**
 * The volume for a claim: one that is reserved for it, else the smallest that is free, of those with the fewest access
 * modes that will do.
 *
 * @param delayed whether the claim waits for a pod: then only a reserved volume is taken, unless `onNode` is given.
 * @param onNode for a claim whose pod is being placed: whether the node at hand can reach the volume.
 */
export function findVolume(
  claim: Claim,
  volumes: readonly Volume[],
  delayed: boolean,
  onNode?: (volume: Volume) => boolean,
): Volume | undefined {
  const fitting = volumes.filter((volume) => couldHold(volume, claim));
  const reserved = fitting.find((volume) => isReservedFor(volume, claim));
  if (reserved !== undefined) return onNode === undefined || onNode(reserved) ? reserved : undefined;
  if (delayed && onNode === undefined) return undefined;
  const { selector } = claim.spec;
  const modes = ({ spec }: Volume): number => (onNode === undefined ? (spec.accessModes?.length ?? 0) : 0);
  return fitting
    .filter(
      (volume) =>
        volume.status.phase === 'Available' &&
        (selector === undefined || labelSelectorMatches(selector, volume.metadata.labels ?? {})) &&
        classOfVolume(volume) === classOfClaim(claim) &&
        (onNode === undefined || onNode(volume)),
    )
    .sort((a, b) => modes(a) - modes(b) || compareAmounts(sizeOf(a), sizeOf(b)))[0];
}

function couldHold(volume: Volume, claim: Claim): boolean {
  return (
    (volume.spec.claimRef === undefined || isReservedFor(volume, claim)) &&
    compareAmounts(sizeOf(volume), wantedSize(claim)) >= 0 &&
    !differInMode(volume, claim) &&
    sameAttributes(volume, claim) &&
    volume.metadata.deletionTimestamp === undefined &&
    hasModes(volume, claim)
  );
}

/** The claims that a pod uses, as `namespace/name`: an index function. */
export function podsOfClaims({ metadata, spec }: DeepReadonly<Pod>): readonly string[] {
  const namespace = metadata.namespace ?? '';
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim !== undefined) return [`${namespace}/${persistentVolumeClaim.claimName}`];
    return ephemeral === undefined ? [] : [`${namespace}/${metadata.name}-${name}`];
  });
}
