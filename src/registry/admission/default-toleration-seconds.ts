import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod, Toleration } from '../../apis/core/types.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';

/** Seconds for which a pod stays on a node that is not heard of. */
const TOLERATION_SECONDS = 300;
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

function tolerates({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === 'NoExecute');
}

/** Lets pods stay five minutes on a node that is not ready or not reachable, unless they say how long themselves. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: ({ group, resource, subresource, verb }) =>
    group === '' && resource === 'pods' && subresource === undefined && verb !== 'delete',
  admit(object, old) {
    if (object === undefined) return;
    const { spec } = object as Pod;
    const { tolerations = [] } = spec;
    // Those of the stored pod are complete; and where they are shared with it they are not to be changed.
    if (old !== undefined && spec.tolerations === (old as DeepReadonly<Pod>).spec.tolerations) return;
    for (const key of TAINTS) {
      if (tolerations.some((each) => tolerates(each, key))) continue;
      const toleration: Toleration = { key, operator: 'Exists', effect: 'NoExecute' };
      tolerations.push({ ...toleration, tolerationSeconds: TOLERATION_SECONDS });
    }
    if (tolerations.length > 0) spec.tolerations = tolerations;
  },
};
