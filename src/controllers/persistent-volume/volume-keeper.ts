/** Shows whether a volume is free, bound or released, and reclaims it after its claim. */
import { messageOf } from '../../apimachinery/thrown.ts';
import { BOUND_BY_CONTROLLER, differInMode, PROVISIONED_BY } from '../../apis/core/index.ts';
import { setVolumePhase } from './binding.ts';
import { type RemoveDirectory, reclaimOf } from './volume-reclaim.ts';
import type { Claim, Volume, VolumeWorld } from './volume-world.ts';

/** See the file's head. */
export class VolumeKeeper {
  readonly #world: VolumeWorld;
  readonly #removeDirectory: RemoveDirectory;
  readonly #lookAtClaim: (key: string) => void;

  /** @param lookAtClaim has the claim of that key looked at: a volume has come for it. */
  constructor(world: VolumeWorld, removeDirectory: RemoveDirectory, lookAtClaim: (key: string) => void) {
    this.#world = world;
    this.#removeDirectory = removeDirectory;
    this.#lookAtClaim = lookAtClaim;
  }

  async sync(name: string): Promise<void> {
    const volume = this.#world.volumes.get('', name);
    if (volume === undefined) return;
    const { writes } = this.#world;
    if (!volume.spec.claimRef?.uid) {
      await setVolumePhase(volume, 'Available', '', writes);
      return;
    }
    const claim = await this.#claimOf(volume);
    if (claim === undefined) await this.#reclaim(volume);
    else if (!claim.spec.volumeName) this.#promise(volume, claim);
    else if (claim.spec.volumeName === name) await setVolumePhase(volume, 'Bound', '', writes);
    else if (
      volume.metadata.annotations?.[PROVISIONED_BY] !== undefined &&
      volume.spec.persistentVolumeReclaimPolicy === 'Delete'
    ) {
      await this.#reclaim(volume);
    } else await this.#release(volume);
  }

  /** The claim that the volume is bound to. The local copy may be behind, so that its absence is asked for. */
  async #claimOf(volume: Volume): Promise<Claim | undefined> {
    const { namespace = '', name = '', uid } = volume.spec.claimRef ?? {};
    const known = this.#world.claims.get(namespace, name);
    if (known?.metadata.uid === uid) return known;
    const { phase } = volume.status;
    if (known === undefined && (phase === 'Released' || phase === 'Failed')) return undefined;
    const fresh = await this.#world.writes.freshClaim(namespace, name);
    return fresh?.metadata.uid === uid ? fresh : undefined;
  }

  /** The volume is meant for a claim that does not know of it yet. */
  #promise(volume: Volume, claim: Claim): void {
    const { namespace = '', name } = claim.metadata;
    if (differInMode(volume, claim)) {
      const { events } = this.#world;
      const ofVolume = `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${JSON.stringify(name)} due to incompatible volumeMode.`;
      const ofClaim = `Cannot bind PersistentVolume ${JSON.stringify(volume.metadata.name)} to requested PersistentVolumeClaim due to incompatible volumeMode.`;
      events.event(volume, 'Warning', 'VolumeMismatch', ofVolume);
      events.event(claim, 'Warning', 'VolumeMismatch', ofClaim);
      return;
    }
    this.#lookAtClaim(`${namespace}/${name}`);
  }

  /** Gives back a volume whose claim is bound to another. */
  async #release(volume: Volume): Promise<void> {
    const { writes } = this.#world;
    const { claimRef, ...rest } = volume.spec;
    let free: Volume;
    if (volume.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined) {
      const { uid: _, ...reference } = claimRef ?? {};
      free = { ...volume, spec: { ...rest, claimRef: reference } };
    } else {
      const { [BOUND_BY_CONTROLLER]: _, ...annotations } = volume.metadata.annotations;
      free = { ...volume, metadata: { ...volume.metadata, annotations }, spec: rest };
    }
    await setVolumePhase(await writes.volume(free), 'Available', '', writes);
  }

  async #reclaim(volume: Volume): Promise<void> {
    const { events, writes } = this.#world;
    const { phase } = volume.status;
    const released =
      phase === 'Released' || phase === 'Failed'
        ? volume
        : await setVolumePhase(volume, 'Released', '', writes);
    const reclaim = reclaimOf(released);
    const fail = async (reason: string, message: string): Promise<void> => {
      if (released.status.phase === 'Failed') return;
      const failed = await setVolumePhase(released, 'Failed', message, writes);
      events.event(failed, 'Warning', reason, message);
    };
    if (reclaim.action === 'fail') await fail(reclaim.reason, reclaim.message);
    if (reclaim.action !== 'remove') return;
    try {
      await this.#removeDirectory(reclaim.path);
    } catch (error) {
      await fail('VolumeFailedDelete', messageOf(error));
      return;
    }
    await writes.deleteVolume(released);
  }
}
