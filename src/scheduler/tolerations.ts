/** Which taints a pod's tolerations bear: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { tolerates } from '../apis/core/index.ts';
import type { Taint, Toleration } from '../apis/core/types.ts';

/** Whether one of them bears the taint. */
export function isTolerated(
  tolerations: readonly DeepReadonly<Toleration>[],
  taint: DeepReadonly<Taint>,
): boolean {
  return tolerations.some((each) => tolerates(each, taint));
}

/** Whether a taint that keeps new pods away is not borne. */
export function keepsAway(
  taints: readonly DeepReadonly<Taint>[],
  tolerations: readonly DeepReadonly<Toleration>[],
): boolean {
  return taints.some((taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(tolerations, taint));
}
