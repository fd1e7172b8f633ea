/** Whether tolerations bear a taint: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Taint, Toleration } from '../apis/core/types.ts';

/** Whether one of them bears the taint. */
export function tolerates(
  tolerations: readonly DeepReadonly<Toleration>[],
  taint: DeepReadonly<Taint>,
): boolean {
  return tolerations.some(
    ({ key, operator, value = '', effect }) =>
      (!effect || effect === taint.effect) &&
      (!key || key === taint.key) &&
      (operator === 'Exists' || ((!operator || operator === 'Equal') && value === (taint.value ?? ''))),
  );
}

/** Whether a taint that keeps new pods away is not borne. */
export function keepsAway(
  taints: readonly DeepReadonly<Taint>[],
  tolerations: readonly DeepReadonly<Toleration>[],
): boolean {
  return taints.some((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint));
}
