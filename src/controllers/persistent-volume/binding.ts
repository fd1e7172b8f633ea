/** The steps by which a volume and a claim become one another's. Each is safe to repeat. */
import { BIND_COMPLETED, BOUND_BY_CONTROLLER, compareAmounts, isReservedFor } from '../../apis/core/index.ts';
import { annotated, type Claim, type Volume, type VolumeWrites } from './volume-world.ts';

/** Binds both sides: first the volume, so that it is never promised twice, then the claim. */
export async function bind(volume: Volume, claim: Claim, writes: VolumeWrites): Promise<void> {
  const reserved = reservation(volume, claim);
  const held = reserved === volume ? volume : await writes.volume(reserved);
  const shown = await setVolumePhase(held, 'Bound', '', writes);
  const wanted = completion(claim, shown);
  const completed = wanted === claim ? claim : await writes.claim(wanted);
  await setClaimPhase(completed, 'Bound', shown, writes);
}

/** The volume with the claim's reference, or itself when it has that. */
function reservation(volume: Volume, claim: Claim): Volume {
  const { name, uid, resourceVersion, namespace = '' } = claim.metadata;
  const { claimRef } = volume.spec;
  const chosen = isReservedFor(volume, claim) ? volume : annotated(volume, BOUND_BY_CONTROLLER, 'yes');
  if (claimRef?.uid === uid && claimRef.name === name && claimRef.namespace === namespace) return chosen;
  const reference = {
    kind: 'PersistentVolumeClaim',
    namespace,
    name,
    uid,
    apiVersion: 'v1',
    resourceVersion,
  };
  return { ...chosen, spec: { ...chosen.spec, claimRef: reference } };
}

/** The claim with the volume's name and the mark that it is bound, or itself when it has both. */
function completion(claim: Claim, { metadata: { name } }: Volume): Claim {
  if (claim.spec.volumeName === name) return annotated(claim, BIND_COMPLETED, 'yes');
  const named = { ...claim, spec: { ...claim.spec, volumeName: name } };
  return annotated(annotated(named, BOUND_BY_CONTROLLER, 'yes'), BIND_COMPLETED, 'yes');
}

/** Writes a volume's phase, unless it is in it. */
export async function setVolumePhase(
  volume: Volume,
  phase: 'Available' | 'Bound' | 'Released' | 'Failed',
  message: string,
  writes: VolumeWrites,
): Promise<Volume> {
  if (volume.status.phase === phase) return volume;
  const { message: _, ...rest } = volume.status;
  const status = { ...rest, phase, ...(message === '' ? {} : { message }) };
  return writes.volumeStatus({ ...volume, status } as Volume);
}

/** Writes a claim's phase, and what the volume gives it; without a volume it has nothing. */
export async function setClaimPhase(
  claim: Claim,
  phase: 'Pending' | 'Bound' | 'Lost',
  volume: Volume | undefined,
  writes: VolumeWrites,
): Promise<Claim> {
  const { accessModes, capacity, currentVolumeAttributesClassName, ...rest } = claim.status;
  const changed = rest.phase !== phase;
  if (volume === undefined) {
    const has = accessModes ?? capacity ?? currentVolumeAttributesClassName;
    if (!changed && has === undefined) return claim;
    return writes.claimStatus({ ...claim, status: { ...rest, phase } });
  }
  const modes = volume.spec.accessModes ?? [];
  const sameModes =
    modes.length === accessModes?.length && modes.every((mode, at) => mode === accessModes[at]);
  if (!changed && sameModes) return claim;
  const size = volume.spec.capacity?.['storage'] ?? '0';
  const had = capacity?.['storage'];
  const grown = changed && (had === undefined || compareAmounts(size, had) !== 0);
  const attributes =
    rest.phase === 'Pending' && phase === 'Bound'
      ? volume.spec.volumeAttributesClassName
      : currentVolumeAttributesClassName;
  const status = {
    ...rest,
    phase,
    accessModes: modes,
    ...((grown ? volume.spec.capacity : capacity) === undefined
      ? {}
      : { capacity: grown ? volume.spec.capacity : capacity }),
    ...(attributes === undefined ? {} : { currentVolumeAttributesClassName: attributes }),
  };
  return writes.claimStatus({ ...claim, status } as Claim);
}
