/** Which rules a stored pod or template breaks already, so that its update may go on breaking them. */
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { PodSpec, PodTemplateSpec } from '../types.ts';
import { isDeletionCost } from './annotations.ts';
import { breaksHugePageDivision } from './containers/resources.ts';
import { breaksHostSysctls } from './containers/security-context.ts';
import { breaksNodeAffinityValues, breaksPodAffinityValues } from './scheduling/affinity.ts';
import { breaksSpreadMatchLabelKeys, breaksSpreadSelector } from './scheduling/topology-spread.ts';
import { type PodValidationOptions, STRICT_POD, STRICT_TEMPLATE } from './validation-options.ts';
import { breaksTokenPath } from './volumes/projected-volumes.ts';

interface Described {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: DeepReadonly<PodSpec>;
}

/** The rules for a pod, given what is stored (absent on create). */
export function podValidationOptions(old?: Described): PodValidationOptions {
  return old === undefined ? STRICT_POD : relaxed(STRICT_POD, old);
}

/** The rules for a pod template, given what is stored (absent on create). */
export function podTemplateValidationOptions(old?: DeepReadonly<PodTemplateSpec>): PodValidationOptions {
  return old === undefined ? STRICT_TEMPLATE : relaxed(STRICT_TEMPLATE, old);
}

function relaxed(strict: PodValidationOptions, old: Described): PodValidationOptions {
  const spec: DeepReadonly<PodSpec> = old.spec ?? { containers: [] };
  const everyContainer = [
    ...(spec.containers ?? []),
    ...(spec.initContainers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ];
  const ownUsers = spec.hostUsers === false;
  return {
    ...strict,
    anyDeletionCost: !isDeletionCost(old.metadata?.annotations),
    anyLabelValueInAffinitySelector: breaksPodAffinityValues(spec.affinity),
    anyLabelValueInNodeAffinity: breaksNodeAffinityValues(spec.affinity),
    indivisibleHugePages: everyContainer.some((each) => breaksHugePageDivision(each.resources)),
    anySpreadSelector: breaksSpreadSelector(spec.topologySpreadConstraints),
    legacySpreadMatchLabelKeys: breaksSpreadMatchLabelKeys(spec.topologySpreadConstraints),
    anyTokenPath: breaksTokenPath(spec.volumes),
    hostNamespacedSysctls: breaksHostSysctls(spec),
    numericTolerations: (spec.tolerations ?? []).some((each) => /^(?:Lt|Gt)$/.test(each.operator ?? '')),
    userNamespaceWithHostNetwork: ownUsers && spec.hostNetwork === true,
    userNamespaceWithDevices:
      ownUsers && everyContainer.some((each) => (each.volumeDevices?.length ?? 0) > 0),
    restartContainerOnInitResize: (spec.initContainers ?? []).some(
      (each) =>
        each.restartPolicy !== 'Always' &&
        (each.resizePolicy ?? []).some((policy) => policy.restartPolicy === 'RestartContainer'),
    ),
  };
}
