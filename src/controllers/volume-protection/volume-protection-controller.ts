import { isControlledBy } from '../../apimachinery/meta/controller-ref.ts';
import {
  type ApiObject,
  type DeepReadonly,
  objectKey,
  splitObjectKey,
} from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import { podsOfClaims } from '../../apis/core/index.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../apis/core/types.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  type Lister,
  newController,
  newWorkqueue,
  PERSISTENTVOLUMECLAIMS,
  PERSISTENTVOLUMES,
  PODS,
  type Resource,
} from '../../client/index.ts';

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection';
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection';

/** The two controllers as components: one for claims, one for volumes. */
export function newVolumeProtectionControllers(context: ComponentContext): readonly Component[] {
  return [claimProtection(context), volumeProtection(context)];
}

function claimProtection(context: ComponentContext): Component {
  const { clock, log, metrics } = context;
  const claims = context.informer(PERSISTENTVOLUMECLAIMS);
  const pods = context.informer(PODS);
  pods.addIndex('claim', podsOfClaims);
  const queue = newWorkqueue({ name: 'pvcprotection', clock, metrics });
  const changed = (claim: DeepReadonly<PersistentVolumeClaim>): void => {
    if (wants(claim, CLAIM_FINALIZER)) queue.add(objectKey(claim));
  };
  const podGone = (pod: DeepReadonly<Pod>): void => {
    for (const key of podsOfClaims(pod)) queue.add(key);
  };
  claims.onChange({ added: changed, updated: changed });
  pods.onChange({
    updated: (pod) => {
      if (isShutDown(pod)) podGone(pod);
    },
    deleted: podGone,
  });
  const isUsed = (claim: DeepReadonly<PersistentVolumeClaim>): boolean =>
    pods.lister.byIndex('claim', objectKey(claim)).some((pod) => uses(pod, claim));
  const { lister } = claims;
  const finalizer = CLAIM_FINALIZER;
  return newController({
    name: 'persistentvolumeclaim-protection-controller',
    reconciler: keeper({ client: context.client, of: PERSISTENTVOLUMECLAIMS, lister, finalizer, isUsed }),
    queue,
    log,
    informers: [claims, pods],
  });
}

function volumeProtection(context: ComponentContext): Component {
  const { clock, log, metrics } = context;
  const volumes = context.informer(PERSISTENTVOLUMES);
  const queue = newWorkqueue({ name: 'pvprotection', clock, metrics });
  const changed = (volume: DeepReadonly<PersistentVolume>): void => {
    if (wants(volume, VOLUME_FINALIZER)) queue.add(volume.metadata.name);
  };
  volumes.onChange({ added: changed, updated: changed });
  const isUsed = (volume: DeepReadonly<PersistentVolume>): boolean => volume.status.phase === 'Bound';
  const { lister } = volumes;
  const finalizer = VOLUME_FINALIZER;
  return newController({
    name: 'persistentvolume-protection-controller',
    reconciler: keeper({ client: context.client, of: PERSISTENTVOLUMES, lister, finalizer, isUsed }),
    queue,
    log,
    informers: [volumes],
  });
}

/** Whether the finalizer has to be added, or may have to be taken off. */
function wants({ metadata }: DeepReadonly<ApiObject>, finalizer: string): boolean {
  const has = metadata.finalizers?.includes(finalizer) === true;
  return has === (metadata.deletionTimestamp !== undefined);
}

/** A pod on a node counts until it is deleted, even when it has ended: its data may still be looked at. */
function uses(pod: DeepReadonly<Pod>, claim: DeepReadonly<PersistentVolumeClaim>): boolean {
  if (!pod.spec.nodeName) return false;
  const { name } = claim.metadata;
  const isOurs = isControlledBy(claim, pod);
  return (pod.spec.volumes ?? []).some(({ name: volume, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim !== undefined) return persistentVolumeClaim.claimName === name;
    if (ephemeral === undefined || isShutDown(pod)) return false;
    return isOurs && `${pod.metadata.name}-${volume}` === name;
  });
}

/** Whether the node agent has done with the pod, or nobody waits for it. */
function isShutDown({ metadata }: DeepReadonly<Pod>): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}

interface KeeperOptions<T extends ApiObject> {
  readonly client: Client;
  readonly of: Resource<T>;
  readonly lister: Lister<T>;
  readonly finalizer: string;
  readonly isUsed: (object: DeepReadonly<T>) => boolean;
}

function keeper<T extends ApiObject>({ client, of, lister, finalizer, isUsed }: KeeperOptions<T>) {
  return {
    async sync(key: string): Promise<undefined> {
      const { namespace, name } = splitObjectKey(key);
      const object = lister.get(namespace, name);
      if (object === undefined) return;
      const { metadata } = object as DeepReadonly<ApiObject>;
      if (!wants(object as DeepReadonly<ApiObject>, finalizer)) return;
      if (metadata.deletionTimestamp !== undefined && isUsed(object)) return;
      const others = (metadata.finalizers ?? []).filter((each) => each !== finalizer);
      const finalizers = metadata.deletionTimestamp === undefined ? [...others, finalizer] : others;
      try {
        await client.update(of, { ...object, metadata: { ...metadata, finalizers } } as DeepReadonly<T>);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}
