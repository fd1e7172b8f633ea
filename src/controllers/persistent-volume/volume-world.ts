/** What the binding of volumes reads and writes. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../apis/core/types.ts';
import type { StorageClass } from '../../apis/storage/index.ts';
import {
  type Client,
  type EventRecorder,
  type Lister,
  PERSISTENTVOLUMECLAIMS,
  PERSISTENTVOLUMES,
} from '../../client/index.ts';

/** A claim as it is read. */
export type Claim = DeepReadonly<PersistentVolumeClaim>;
/** A volume as it is read. */
export type Volume = DeepReadonly<PersistentVolume>;

/** The writes; each fails with a conflict when what it is based on has changed, and answers the object as it is then. */
export interface VolumeWrites {
  claim(claim: Claim): Promise<Claim>;
  claimStatus(claim: Claim): Promise<Claim>;
  volume(volume: Volume): Promise<Volume>;
  volumeStatus(volume: Volume): Promise<Volume>;
  /** The claim as the API server has it now. */
  freshClaim(namespace: string, name: string): Promise<Claim | undefined>;
  deleteVolume(volume: Volume): Promise<void>;
}

/** See the file's head. */
export interface VolumeWorld {
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly volumes: Lister<PersistentVolume>;
  readonly classes: Lister<StorageClass>;
  /** With an index `claim` of the claims that each uses. */
  readonly pods: Lister<Pod>;
  readonly events: EventRecorder;
  readonly writes: VolumeWrites;
}

/** The writes of a client. */
export function writesOf(client: Client): VolumeWrites {
  return {
    claim: (claim) => client.update(PERSISTENTVOLUMECLAIMS, claim),
    claimStatus: (claim) => client.updateStatus(PERSISTENTVOLUMECLAIMS, claim),
    volume: (volume) => client.update(PERSISTENTVOLUMES, volume),
    volumeStatus: (volume) => client.updateStatus(PERSISTENTVOLUMES, volume),
    async freshClaim(namespace, name) {
      try {
        return await client.get(PERSISTENTVOLUMECLAIMS, namespace, name);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async deleteVolume({ metadata: { name, uid } }) {
      try {
        await client.delete(PERSISTENTVOLUMES, '', name, { preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

/** The same object with one more annotation, or itself when it has that. */
export function annotated<T extends Claim | Volume>(object: T, name: string, value: string): T {
  const { annotations } = object.metadata;
  if (annotations?.[name] !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [name]: value } } };
}
