/** The parts of a pod that are written on their own: its status, the containers added to look into it, its resources. */
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { OwnerReference } from '../../../apimachinery/meta/types.ts';
import {
  dropGatedFields,
  statusAddressWarnings,
  validateEphemeralContainersUpdate,
  validatePodResize,
  validatePodStatusUpdate,
} from '../../../apis/core/index.ts';
import type { Container, Pod, PodSpec, PodStatus } from '../../../apis/core/types.ts';
import type { PartSubresource } from '../../../apiserver/resource.ts';
import { keepMetadata } from '../keep-metadata.ts';
import { countGeneration } from './strategy.ts';

type Part = PartSubresource<Pod>;
const VERBS = ['get', 'update', 'patch'] as const;

/** `pods/status`: of the spec nothing changes, so that nothing of it is looked at. */
export const podStatus: Part = {
  kind: 'part',
  verbs: VERBS,
  resetFields: [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']],
  prepareForUpdate(pod, old) {
    // What is stored is shared, not copied: nothing changes it from here on, and copying would be most of the cost.
    pod.spec = old.spec as PodSpec;
    if (old.metadata.ownerReferences) {
      pod.metadata.ownerReferences = old.metadata.ownerReferences as OwnerReference[];
    } else delete pod.metadata.ownerReferences;
    if (!pod.status.qosClass && old.status.qosClass) pod.status.qosClass = old.status.qosClass;
    keepObservedGenerations(pod, old);
    // Of a feature that is off by default (DRANodeAllocatableResources).
    delete pod.status.nodeAllocatableResourceClaimStatuses;
  },
  validateUpdate: (pod, old, _context, { change }) => [...change, ...validatePodStatusUpdate(pod, old)],
  warningsOnUpdate: (pod) => statusAddressWarnings(pod),
};

/** Node agents that do not know `observedGeneration` must not erase it. */
function keepObservedGenerations(pod: Pod, old: DeepReadonly<Pod>): void {
  if (!pod.status.observedGeneration && old.status.observedGeneration) {
    pod.status.observedGeneration = old.status.observedGeneration;
  }
  for (const condition of pod.status.conditions ?? []) {
    if (condition.observedGeneration) continue;
    const before = old.status.conditions?.find((each) => each.type === condition.type);
    if (before?.observedGeneration) condition.observedGeneration = before.observedGeneration;
  }
}

/** `pods/ephemeralcontainers`. */
export const podEphemeralContainers: Part = {
  kind: 'part',
  verbs: VERBS,
  prepareForUpdate(pod, old) {
    const added = pod.spec.ephemeralContainers;
    const { ephemeralContainers: _before, ...spec } = old.spec;
    pod.spec = { ...(spec as PodSpec), ...(added ? { ephemeralContainers: added } : {}) };
    dropGatedFields(pod.spec, old.spec);
    pod.status = old.status as PodStatus;
    keepMetadata(pod, old);
    countGeneration(pod, old);
  },
  validateUpdate: (pod, old, _context, { change, object }) => [
    ...change,
    ...object,
    ...validateEphemeralContainersUpdate(pod, old),
  ],
};

/** `pods/resize`: of the containers their resources, of the pod its own. */
export const podResize: Part = {
  kind: 'part',
  verbs: VERBS,
  prepareForUpdate(pod, old) {
    const { containers, initContainers, resources } = pod.spec;
    const corresponding =
      containers.length === old.spec.containers.length &&
      (initContainers?.length ?? 0) === (old.spec.initContainers?.length ?? 0);
    if (corresponding) {
      const { resources: _before, ...spec } = old.spec;
      pod.spec = { ...(spec as PodSpec), ...(resources ? { resources } : {}) };
      pod.spec.containers = onlyResources(containers, old.spec.containers);
      if (initContainers)
        pod.spec.initContainers = onlyResources(initContainers, old.spec.initContainers ?? []);
      pod.status = old.status as PodStatus;
      keepMetadata(pod, old);
    }
    countGeneration(pod, old);
  },
  validateUpdate: (pod, old, _context, { change, object }) => [
    ...change,
    ...object,
    ...validatePodResize(pod, old),
  ],
};

/** The old containers with the new resources; where names do not match, the new ones, for validation to refuse. */
function onlyResources(now: Container[], before: DeepReadonly<Container[]>): Container[] {
  if (now.some((container, index) => container.name !== before[index]?.name)) return now;
  return now.map(({ resources, resizePolicy }, index) => {
    const { resources: _r, resizePolicy: _p, ...rest } = (before[index] ?? { name: '' }) as Container;
    return { ...rest, ...(resources ? { resources } : {}), ...(resizePolicy ? { resizePolicy } : {}) };
  });
}
