/** Finds a volume for each claim, or somebody who makes one. */
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  claimHasClass,
  classOfClaim,
  findVolume,
  isPodTerminal,
  isReservedFor,
  OLD_STORAGE_PROVISIONER,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  volumeMisfit,
} from '../../apis/core/index.ts';
import { defaultStorageClass } from '../../apis/storage/index.ts';
import { bind, setClaimPhase } from './binding.ts';
import type { Claim, Volume, VolumeWorld } from './volume-world.ts';

const LOST = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
const LOST_REFERENCE = 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!';
const MISBOUND = 'Two claims are bound to the same volume, this one is bound incorrectly';
const NO_VOLUME = 'no persistent volumes available for this claim and no storage class is set';

/** See the file's head. */
export class ClaimBinder {
  readonly #world: VolumeWorld;

  constructor(world: VolumeWorld) {
    this.#world = world;
  }

  async sync(namespace: string, name: string): Promise<void> {
    const claim = this.#world.claims.get(namespace, name);
    if (claim === undefined) return;
    if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) await this.#bound(claim);
    else if (claim.spec.volumeName) await this.#named(claim, claim.spec.volumeName);
    else await this.#unbound(claim);
  }

  /** A claim that was bound once: it stays so, or its data is lost. */
  async #bound(claim: Claim): Promise<void> {
    const { volumeName } = claim.spec;
    if (!volumeName) return this.#lose(claim, 'ClaimLost', LOST_REFERENCE);
    const volume = this.#world.volumes.get('', volumeName);
    if (volume === undefined) return this.#lose(claim, 'ClaimLost', LOST);
    const { claimRef } = volume.spec;
    if (claimRef === undefined || claimRef.uid === claim.metadata.uid) {
      return bind(volume, claim, this.#world.writes);
    }
    return this.#lose(claim, 'ClaimMisbound', MISBOUND);
  }

  async #lose(claim: Claim, reason: string, message: string): Promise<void> {
    if (claim.status.phase === 'Lost') return;
    const lost = await setClaimPhase(claim, 'Lost', undefined, this.#world.writes);
    this.#world.events.event(lost, 'Warning', reason, message);
  }

  /** A claim whose user has chosen the volume. */
  async #named(claim: Claim, volumeName: string): Promise<void> {
    const { events, volumes, writes } = this.#world;
    const volume = volumes.get('', volumeName);
    if (volume === undefined) {
      await setClaimPhase(claim, 'Pending', undefined, writes);
      return;
    }
    const quoted = JSON.stringify(volumeName);
    if (volume.spec.claimRef === undefined) {
      const misfit = volumeMisfit(volume, claim);
      if (misfit === undefined) return bind(volume, claim, writes);
      const message = `Cannot bind to requested volume ${quoted}: ${misfit}`;
      events.event(claim, 'Warning', 'VolumeMismatch', message);
    } else {
      if (isReservedFor(volume, claim)) return bind(volume, claim, writes);
      const message = `volume ${quoted} already bound to a different claim.`;
      events.event(claim, 'Warning', 'FailedBinding', message);
      if (claim.metadata.annotations?.[BOUND_BY_CONTROLLER] !== undefined) return;
    }
    await setClaimPhase(claim, 'Pending', undefined, writes);
  }

  async #unbound(claim: Claim): Promise<void> {
    const { classes, events, writes } = this.#world;
    const className = classOfClaim(claim);
    const storageClass = className === '' ? undefined : classes.get('', className);
    const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    const volume = findVolume(claim, this.#free(claim), delayed);
    if (volume !== undefined) return bind(volume, claim, writes);
    if (!claimHasClass(claim)) {
      const found = defaultStorageClass(classes.list());
      if (found !== undefined) {
        await writes.claim({ ...claim, spec: { ...claim.spec, storageClassName: found.metadata.name } });
        return;
      }
    }
    if (delayed && claim.metadata.annotations?.[SELECTED_NODE] === undefined) this.#tellWhoIsWaitedFor(claim);
    else if (className !== '') return this.#provision(claim, className, storageClass?.provisioner);
    else events.event(claim, 'Normal', 'FailedBinding', NO_VOLUME);
    await setClaimPhase(claim, 'Pending', undefined, writes);
    return undefined;
  }

  #free(claim: Claim): readonly Volume[] {
    return this.#world.volumes
      .list()
      .filter((volume) => volume.spec.claimRef === undefined || isReservedFor(volume, claim));
  }

  #tellWhoIsWaitedFor(claim: Claim): void {
    const { events, pods } = this.#world;
    const { namespace = '', name } = claim.metadata;
    const waiting = pods
      .byIndex('claim', `${namespace}/${name}`)
      .filter((pod) => !pod.spec.nodeName && !isPodTerminal(pod))
      .map((pod) => pod.metadata.name);
    if (waiting.length === 0) {
      const message = 'waiting for first consumer to be created before binding';
      events.event(claim, 'Normal', 'WaitForFirstConsumer', message);
      return;
    }
    const message = `waiting for pod${waiting.length > 1 ? 's' : ''} ${waiting.join(',')} to be scheduled`;
    events.event(claim, 'Normal', 'WaitForPodScheduled', message);
  }

  /** Names the provisioner in the claim, for it to find; its volume comes back bound to the claim. */
  async #provision(claim: Claim, className: string, provisioner: string | undefined): Promise<void> {
    const { events, writes } = this.#world;
    const failed = (why: string): void => events.event(claim, 'Warning', 'ProvisioningFailed', why);
    if (provisioner === undefined) {
      failed(`storageclass.storage.k8s.io ${JSON.stringify(className)} not found`);
      return;
    }
    if (provisioner.startsWith('kubernetes.io/')) {
      failed(`no volume plugin matched name: ${provisioner}`);
      return;
    }
    let asked = claim;
    const { annotations } = claim.metadata;
    if (annotations?.[STORAGE_PROVISIONER] !== provisioner) {
      const more = { [OLD_STORAGE_PROVISIONER]: provisioner, [STORAGE_PROVISIONER]: provisioner };
      const metadata = { ...claim.metadata, annotations: { ...annotations, ...more } };
      asked = await writes.claim({ ...claim, metadata });
    }
    const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    events.event(asked, 'Normal', 'ExternalProvisioning', message);
  }
}
