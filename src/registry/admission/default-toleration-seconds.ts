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
  admit(object) {
    if (object === undefined) return;
    const { spec } = object as Pod;
    const own = spec.tolerations ?? [];
    for (const key of TAINTS) {
      if (own.some((each) => tolerates(each, key))) continue;
      spec.tolerations ??= [];
      const toleration: Toleration = { key, operator: 'Exists', effect: 'NoExecute' };
      spec.tolerations.push({ ...toleration, tolerationSeconds: TOLERATION_SECONDS });
    }
  },
};
