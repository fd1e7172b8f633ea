/** A container's requests and limits in the kernel's units. Source: the kubelet's conversion for cgroups, and its oom_score_adj. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import { qosClassOf } from '../../apis/core/index.ts';
import type { Container, Pod, PodSpec } from '../../apis/core/types.ts';
import type { LinuxResources } from '../runtimes/runtime.ts';

/** Microseconds in which a quota is counted. */
const CPU_PERIOD_US = 100_000;
/** Smallest quota that the kernel takes, in microseconds. */
const CPU_QUOTA_US_MIN = 1000;
/** Smallest weight that the kernel takes. */
const CPU_SHARES_MIN = 2;
/** Greatest weight that the kernel takes. */
const CPU_SHARES_MAX = 262_144;
/** Weight of one core. */
const CPU_SHARES_PER_CORE = 1024;

/** @param memoryCapacity bytes of the node's memory, against which a request is weighed when the kernel chooses a victim. */
export function linuxResources(
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container>,
  memoryCapacity: number,
): LinuxResources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const requested = milliCores(requests['cpu'] ?? limits['cpu']);
  const limited = milliCores(limits['cpu']);
  const memory = limits['memory'] === undefined ? 0 : parseQuantity(limits['memory']).value();
  return {
    cpuPeriod: CPU_PERIOD_US,
    cpuQuota: limited === 0 ? 0 : Math.max((limited * CPU_PERIOD_US) / 1000, CPU_QUOTA_US_MIN),
    cpuShares: Math.min(
      Math.max(Math.floor((requested * CPU_SHARES_PER_CORE) / 1000), CPU_SHARES_MIN),
      CPU_SHARES_MAX,
    ),
    memoryLimit: memory,
    oomScoreAdj: oomScoreAdj(pod, container, memoryCapacity),
    unified: {},
  };
}

/** Bytes of memory that a pod may use, undefined when there is no limit: one container without is enough. */
export function podMemoryLimit({
  containers,
  initContainers = [],
  resources,
}: DeepReadonly<PodSpec>): number | undefined {
  const own = resources?.limits?.['memory'];
  if (own !== undefined) return parseQuantity(own).value();
  const lasting = [
    ...containers,
    ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always'),
  ];
  let sum = 0;
  for (const { resources: { limits = {} } = {} } of lasting) {
    if (limits['memory'] === undefined) return undefined;
    sum += parseQuantity(limits['memory']).value();
  }
  return sum;
}

function milliCores(text: string | undefined): number {
  return text === undefined ? 0 : parseQuantity(text).milliValue();
}

function oomScoreAdj(
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container>,
  memoryCapacity: number,
): number {
  switch (pod.status.qosClass ?? qosClassOf(pod.spec)) {
    case 'Guaranteed':
      return -997;
    case 'BestEffort':
      return 1000;
    default: {
      const request = container.resources?.requests?.['memory'];
      const bytes = request === undefined ? 0 : parseQuantity(request).value();
      const score = 1000 - Math.floor((1000 * bytes) / memoryCapacity);
      return Math.min(Math.max(score, 3), 999);
    }
  }
}
