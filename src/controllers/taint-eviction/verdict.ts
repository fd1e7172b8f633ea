/** How long a pod may stay on a tainted node. Pure. */

import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { tolerates } from '../../apis/core/index.ts';
import type { Taint, Toleration } from '../../apis/core/types.ts';

type Tolerations = readonly DeepReadonly<Toleration>[];

/** The taints that end pods. */
export function executeTaints(taints: readonly DeepReadonly<Taint>[] = []): readonly DeepReadonly<Taint>[] {
  return taints.filter(({ effect }) => effect === 'NoExecute');
}

/**
 * Seconds for which a pod with those tolerations stays on a node with those taints: 0 when one of them is not tolerated,
 * `Infinity` when all are for ever. Of each taint the first toleration that matches counts, as upstream has it.
 */
export function staysForSeconds(taints: readonly DeepReadonly<Taint>[], tolerations: Tolerations): number {
  let seconds = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const toleration = tolerations.find((each) => tolerates(each, taint));
    if (toleration === undefined) return 0;
    seconds = Math.min(
      seconds,
      Math.max(0, Number(toleration.tolerationSeconds ?? Number.POSITIVE_INFINITY)),
    );
  }
  return seconds;
}

const LOST = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
/** What the admission plugin DefaultTolerationSeconds fills in. */
const FILLED_IN_SECONDS = 300;

/**
 * The tolerations with `seconds` in those that the server filled in: they have its form, and the pod's template, as its
 * author wrote it, has none for the same taint.
 */
export function withFilledIn(tolerations: Tolerations, template: Tolerations, seconds: number): Tolerations {
  return tolerations.map((each) => {
    const { key = '', operator, effect, tolerationSeconds } = each;
    const hasForm =
      operator === 'Exists' && effect === 'NoExecute' && tolerationSeconds === FILLED_IN_SECONDS;
    if (!hasForm || !LOST.includes(key) || template.some((own) => own.key === key)) return each;
    return { ...each, tolerationSeconds: seconds };
  });
}
