/** Takes the tracking finalizer from pods, and pods from their owner. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isConflict, isNotFound } from '../../apimachinery/status-error.ts';
import { TRACKING_FINALIZER } from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { type Client, PODS } from '../../client/index.ts';

/**
 * Removes the tracking finalizer and answers the pod as it is then, or undefined when it is gone. The first try names the
 * version that we know, which is the cheapest patch for the server; when the pod has changed meanwhile, a second one
 * removes the finalizer from whatever is there.
 */
export async function removeTrackingFinalizer(
  client: Client,
  pod: DeepReadonly<Pod>,
): Promise<DeepReadonly<Pod> | undefined> {
  const { namespace = '', name, uid, resourceVersion, finalizers = [] } = pod.metadata;
  const others = finalizers.filter((each) => each !== TRACKING_FINALIZER);
  try {
    const patch = { metadata: { resourceVersion, finalizers: others.length === 0 ? null : others } };
    return await client.patch(PODS, namespace, name, 'application/merge-patch+json', patch);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (!isConflict(error)) throw error;
  }
  try {
    const patch = { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] } };
    return await client.patch(PODS, namespace, name, 'application/strategic-merge-patch+json', patch);
  } catch (error) {
    // Now a conflict says that another pod has taken the name, so that ours is gone.
    if (isNotFound(error) || isConflict(error)) return undefined;
    throw error;
  }
}
