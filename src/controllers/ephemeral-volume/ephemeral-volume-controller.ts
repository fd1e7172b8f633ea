import { controllerOf, isControlledBy, newControllerRef } from '../../apimachinery/meta/controller-ref.ts';
import { type DeepReadonly, type Draft, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isAlreadyExists } from '../../apimachinery/status-error.ts';
import type { EphemeralVolumeSource, PersistentVolumeClaim, Pod } from '../../apis/core/types.ts';
import {
  type Component,
  type ComponentContext,
  newController,
  newWorkqueue,
  PERSISTENTVOLUMECLAIMS,
  PODS,
} from '../../client/index.ts';

/** The ephemeral volume controller as a component. */
export function newEphemeralVolumeController(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const pods = context.informer(PODS);
  const claims = context.informer(PERSISTENTVOLUMECLAIMS);
  const events = context.recorder('ephemeral_volume');
  const queue = newWorkqueue({ name: 'ephemeral_volume', clock, metrics });
  const podAdded = (pod: DeepReadonly<Pod>): void => {
    if (
      pod.metadata.deletionTimestamp === undefined &&
      pod.spec.volumes?.some(({ ephemeral }) => ephemeral)
    ) {
      queue.add(objectKey(pod));
    }
  };
  const claimGone = (claim: DeepReadonly<PersistentVolumeClaim>): void => {
    const owner = controllerOf(claim);
    if (owner?.kind === 'Pod') queue.add(`${claim.metadata.namespace ?? ''}/${owner.name}`);
  };
  pods.onChange({ added: podAdded });
  claims.onChange({ deleted: claimGone });
  const make = async (
    pod: DeepReadonly<Pod>,
    volume: string,
    source: DeepReadonly<EphemeralVolumeSource>,
  ) => {
    const { namespace = '', name: podName } = pod.metadata;
    const name = `${podName}-${volume}`;
    const known = claims.lister.get(namespace, name);
    if (known !== undefined) {
      if (isControlledBy(known, pod)) return;
      const why = `PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`;
      events.event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume}: ${why}`);
      throw new Error(why);
    }
    try {
      await client.create(PERSISTENTVOLUMECLAIMS, namespace, claimFor(pod, name, source));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  };
  return newController({
    name: 'ephemeral-volume-controller',
    reconciler: {
      async sync(key) {
        const { namespace, name } = splitObjectKey(key);
        const pod = pods.lister.get(namespace, name);
        if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return undefined;
        for (const { name: volume, ephemeral } of pod.spec.volumes ?? []) {
          if (ephemeral !== undefined) await make(pod, volume, ephemeral);
        }
        return undefined;
      },
    },
    queue,
    log,
    informers: [pods, claims],
  });
}

/** The claim of a pod's volume: it goes with the pod. */
function claimFor(
  { metadata }: DeepReadonly<Pod>,
  name: string,
  { volumeClaimTemplate: template }: DeepReadonly<EphemeralVolumeSource>,
): DeepReadonly<Draft<PersistentVolumeClaim>> {
  const { labels, annotations } = template?.metadata ?? {};
  const owner = newControllerRef({ metadata }, { apiVersion: 'v1', kind: 'Pod' });
  return {
    metadata: {
      name,
      ownerReferences: [owner],
      ...(annotations === undefined ? {} : { annotations }),
      ...(labels === undefined ? {} : { labels }),
    },
    spec: template?.spec ?? {},
  };
}
