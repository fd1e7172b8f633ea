/** A pod's rules at the server: what it is when it is made, what may change, and how long it takes to go. */
import { rfc3339 } from '../../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { validateDns1123Label } from '../../../apimachinery/validation/index.ts';
import {
  applyPodDefaults,
  dropGatedFields,
  isPodTerminal,
  mergeMatchLabelKeys,
  podWarnings,
  qosClassOf,
  sameMeaning,
  takeOverAppArmorAnnotations,
  validatePodCreate,
  validatePodUpdate,
} from '../../../apis/core/index.ts';
import type { Pod, PodStatus } from '../../../apis/core/types.ts';
import type { Strategy } from '../../../apiserver/resource.ts';

const GATED = 'Scheduling is blocked due to non-empty scheduling gates';

/** The strategy of pods. */
export const podStrategy: Strategy<Pod> = {
  applyDefaults: applyPodDefaults,
  sharesUnchanged: true,

  prepareForCreate(pod, context) {
    dropGatedFields(pod.spec);
    pod.metadata.generation = 1;
    // Upstream lets a client say it.
    pod.status = { phase: 'Pending', qosClass: pod.status?.qosClass || qosClassOf(pod.spec) };
    if (pod.spec.schedulingGates?.length) {
      const lastTransitionTime = rfc3339(context.now);
      const condition = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: GATED };
      // Kubernetes writes this time always, and this condition has none.
      const lastProbeTime = null as unknown as string;
      pod.status.conditions = [{ ...condition, lastProbeTime, lastTransitionTime }];
    }
    mergeMatchLabelKeys(pod);
    for (const warning of takeOverAppArmorAnnotations(pod)) context.warn(warning);
  },

  validateCreate: (pod) => validatePodCreate(pod),

  warningsOnCreate(pod) {
    const wrongs = validateDns1123Label(pod.metadata.name);
    const warnings = podWarnings(pod);
    if (wrongs.length === 0) return warnings;
    const text =
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended";
    return [`${text}: [${wrongs.join(' ')}]`, ...warnings];
  },

  prepareForUpdate(pod, old) {
    pod.status = old.status as PodStatus;
    dropGatedFields(pod.spec, old.spec);
    countGeneration(pod, old);
  },

  validateUpdate: (pod, old, _context, { change, object }) => [
    ...change,
    ...object,
    ...validatePodUpdate(pod, old),
  ],

  returnsDeletedObject: true,

  gracePeriodSeconds({ spec, status }, asked) {
    if (!spec.nodeName || isPodTerminal({ status })) return 0;
    const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },
};

/** Counts up the generation when the spec says something else than before. */
export function countGeneration(pod: Pod, old: DeepReadonly<Pod>): void {
  if (!sameMeaning(pod.spec, old.spec)) pod.metadata.generation = Number(old.metadata.generation ?? 0) + 1;
}
