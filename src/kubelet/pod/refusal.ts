/** Why this node does not take a pod that was bound to it. Source: pkg/kubelet/lifecycle (admission of pods on the node). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { PodSpec } from '../../apis/core/types.ts';
import type { RuntimeFeatures } from '../runtimes/runtime.ts';

/** What the pod's event and status say. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** Why a pod can never run here, undefined for one that can. */
export function refusalOf(
  { securityContext }: DeepReadonly<PodSpec>,
  features: RuntimeFeatures,
): Refusal | undefined {
  if (securityContext?.supplementalGroupsPolicy === 'Strict' && !features.supplementalGroupsPolicy) {
    return {
      reason: 'SupplementalGroupsPolicyNotSupported',
      message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
    };
  }
  return undefined;
}
