/** Takes the tracking finalizer from pods, and pods from their owner. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isConflict, isNotFound } from '../../apimachinery/status-error.ts';
import { TRACKING_FINALIZER } from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { type Client, PODS } from '../../client/index.ts';

/** How often the finalizer is taken from a pod that keeps changing under our hands, before the sync tries again later. */
const TRIES_MAX = 4;

/**
 * Removes the tracking finalizer and answers the pod as it is then, or undefined when it is gone. The patch names the
 * version that it is about, so that no finalizer of somebody else's is lost; it is the cheapest one for the server.
 */
export async function removeTrackingFinalizer(
  client: Client,
  known: DeepReadonly<Pod>,
): Promise<DeepReadonly<Pod> | undefined> {
  const { namespace = '', name, uid } = known.metadata;
  let pod = known;
  for (let tries = 1; ; tries++) {
    const { resourceVersion, finalizers = [] } = pod.metadata;
    const others = finalizers.filter((each) => each !== TRACKING_FINALIZER);
    if (others.length === finalizers.length) return pod;
    try {
      const patch = { metadata: { resourceVersion, finalizers: others.length === 0 ? null : others } };
      return await client.patch(PODS, namespace, name, 'application/merge-patch+json', patch);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error) || tries === TRIES_MAX) throw error;
    }
    try {
      pod = await client.get(PODS, namespace, name);
      if (pod.metadata.uid !== uid) return undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

/**
 * Whether a write that named the pod's uid failed because that pod is gone: there is none of that name, or, after a
 * conflict, another one has taken it. A conflict alone may just as well come from a busy server.
 */
export async function isGone(client: Client, pod: DeepReadonly<Pod>, error: unknown): Promise<boolean> {
  if (isNotFound(error)) return true;
  if (!isConflict(error)) return false;
  const { namespace = '', name, uid } = pod.metadata;
  try {
    return (await client.get(PODS, namespace, name)).metadata.uid !== uid;
  } catch (failure) {
    return isNotFound(failure);
  }
}
