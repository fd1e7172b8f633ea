import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Taint, Toleration } from './types.ts';

/** Whether a toleration bears that taint. Upstream: `Toleration.ToleratesTaint` of k8s.io/api, without its numeric operators. */
export function tolerates(
  { key, operator, value = '', effect }: DeepReadonly<Toleration>,
  taint: DeepReadonly<Taint>,
): boolean {
  return (
    (!effect || effect === taint.effect) &&
    (!key || key === taint.key) &&
    (operator === 'Exists' || ((!operator || operator === 'Equal') && value === (taint.value ?? '')))
  );
}
