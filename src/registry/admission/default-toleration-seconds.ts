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
    const pod = object as Pod;
    const own = pod.spec.tolerations ?? [];
    const missing = TAINTS.filter((key) => !own.some((each) => tolerates(each, key)));
    if (missing.length === 0) return;
    const added = missing.map(
      (key): Toleration => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: TOLERATION_SECONDS,
      }),
    );
    // Replaced, not changed: on update the spec may be the stored one.
    pod.spec = { ...pod.spec, tolerations: [...own, ...added] };
  },
};
