/** A container's requests and limits in the kernel's units. Source: the kubelet's conversion for cgroups, and its oom_score_adj. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import { qosClassOf } from '../../apis/core/pod/qos.ts';
import type { Container, Pod, PodSpec } from '../../apis/core/types.ts';
import type { CgroupTraits } from '../cgroups/cgroups.ts';
import type { GroupLimits } from '../cgroups/control-files.ts';
import { type HugePages, hugePagesResource } from '../huge-pages.ts';
import type { LinuxResources } from '../runtimes/container.ts';

/** Microseconds in which a quota is counted. */
const CPU_PERIOD_US = 100_000;
/** Smallest quota that the kernel takes, in microseconds. */
const CPU_QUOTA_US_MIN = 1000;
/** Smallest weight that the kernel takes. */
export const CPU_SHARES_MIN = 2;
/** Greatest weight that the kernel takes. */
const CPU_SHARES_MAX = 262_144;
/** What the kernel is told of processes that go last. */
const OOM_SCORE_SPARED = -997;
/** Weight of one core. */
const CPU_SHARES_PER_CORE = 1024;

/**
 * @param memoryCapacity bytes of the node's memory, against which a request is weighed when the kernel chooses a victim.
 * A container without a limit of its own has its pod's, where the pod as a whole has one.
 *
 * @param machine what its control groups are and can do.
 */
export function linuxResources(
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container>,
  memoryCapacity: number,
  machine: CgroupTraits,
): LinuxResources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const whole = pod.spec.resources?.limits ?? {};
  const limited = milliCores(limits['cpu']) || milliCores(whole['cpu']);
  const requested = requests['cpu'] === undefined ? limited : milliCores(requests['cpu']);
  const memoryLimit = memoryIn(limits) || memoryIn(whole);
  return {
    cpuPeriod: CPU_PERIOD_US,
    cpuQuota: quotaOf(limited),
    cpuShares: sharesOf(requested),
    memoryLimit,
    // No container swaps: what is said of memory would not be true. Without a limit of memory, version 1 cannot tell.
    swapLimit: machine.version === 1 && machine.limitsSwap ? memoryLimit : 0,
    oomScoreAdj: oomScoreAdj(pod, container, memoryCapacity),
    hugePages: machine.pageSizes.map((size): HugePages => {
      const name = hugePagesResource(size);
      return { size, bytes: amountOf(name, limits) || amountOf(name, whole) };
    }),
    unified: machine.version === 2 ? unifiedOf(machine) : {},
  };
}

function unifiedOf({ limitsSwap }: CgroupTraits): Readonly<Record<string, string>> {
  return {
    // When one process of a container is killed for want of memory, all are: a half dead container helps nobody.
    'memory.oom.group': '1',
    ...(limitsSwap ? { 'memory.swap.max': '0' } : {}),
  };
}

/**
 * The limits of a pod as a whole; a limit is 0 unless every container has one, or the pod itself. Of huge pages, whose requests
 * are their limits, it has no more than was asked for.
 */
export function podLimits(spec: DeepReadonly<PodSpec>, pageSizes: readonly number[]): GroupLimits {
  const cpu = podAmount(spec, 'limits', (list) => milliCores(list['cpu'])) ?? 0;
  const requested = podAmount(spec, 'requests', (list) => milliCores(list['cpu'])) ?? 0;
  const hugePages = pageSizes.map((size): HugePages => {
    const name = hugePagesResource(size);
    return { size, bytes: podAmount(spec, 'requests', (list) => amountOf(name, list)) ?? 0 };
  });
  const memoryLimit = podMemoryLimit(spec) ?? 0;
  return { cpuShares: sharesOf(requested), cpuQuota: quotaOf(cpu), memoryLimit, hugePages };
}

/**
 * What all pods of a node may use together, so that what is reserved of its machine is left for others. A node that reserves
 * no memory does not limit it.
 */
export function limitsBeside(
  reserved: Readonly<Record<string, string>>,
  { cpus, memory }: { readonly cpus: number; readonly memory: number },
): GroupLimits {
  const kept = memoryIn(reserved);
  return {
    cpuShares: sharesOf(cpus * 1000 - milliCores(reserved['cpu'])),
    cpuQuota: 0,
    memoryLimit: kept === 0 ? 0 : memory - kept,
  };
}

/** Bytes of memory that a pod may use, undefined when there is no limit. */
export function podMemoryLimit(spec: DeepReadonly<PodSpec>): number | undefined {
  return podAmount(spec, 'limits', memoryIn);
}

/**
 * What a pod needs at one time: its containers and sidecars together, or an init container with the sidecars before it.
 * Undefined for a limit that some container does not have.
 */
function podAmount(
  { containers, initContainers = [], resources }: DeepReadonly<PodSpec>,
  list: 'requests' | 'limits',
  amountIn: (amounts: Readonly<Record<string, string>>) => number,
): number | undefined {
  const whole = amountIn(resources?.[list] ?? {});
  if (whole > 0) return whole;
  const amountOf = (container: DeepReadonly<Container>): number =>
    amountIn(container.resources?.[list] ?? {});
  const unlimited = [...containers, ...initContainers].some((container) => amountOf(container) === 0);
  if (list === 'limits' && unlimited) return undefined;
  let beside = 0;
  let most = 0;
  for (const container of initContainers) {
    most = Math.max(most, beside + amountOf(container));
    if (container.restartPolicy === 'Always') beside += amountOf(container);
  }
  return Math.max(most, beside + containers.reduce((sum, container) => sum + amountOf(container), 0));
}

function quotaOf(limited: number): number {
  return limited === 0 ? 0 : Math.max((limited * CPU_PERIOD_US) / 1000, CPU_QUOTA_US_MIN);
}

function sharesOf(requested: number): number {
  const shares = Math.floor((requested * CPU_SHARES_PER_CORE) / 1000);
  return Math.min(Math.max(shares, CPU_SHARES_MIN), CPU_SHARES_MAX);
}

function milliCores(text: string | undefined): number {
  return text === undefined ? 0 : parseQuantity(text).milliValue();
}

/** Who is killed first when the node runs out of memory: whoever asked for least of it. Source: pkg/kubelet/qos. */
function oomScoreAdj(
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container>,
  memoryCapacity: number,
): number {
  const { spec } = pod;
  if (spec.priorityClassName === 'system-node-critical') return OOM_SCORE_SPARED;
  switch (pod.status.qosClass ?? qosClassOf(spec)) {
    case 'Guaranteed':
      return OOM_SCORE_SPARED;
    case 'BestEffort':
      return 1000;
    default: {
      const share = unclaimedShare(spec);
      const isSidecar = spec.initContainers?.some(
        ({ name, restartPolicy }) => name === container.name && restartPolicy === 'Always',
      );
      // A sidecar is not to be killed before those whom it serves.
      const least = isSidecar ? Math.min(...spec.containers.map(memoryRequest)) : 0;
      const bytes = Math.max(memoryRequest(container), least) + share;
      const score = 1000 - Math.floor((1000 * bytes) / memoryCapacity);
      return Math.min(Math.max(score, 1000 + OOM_SCORE_SPARED), 999);
    }
  }
}

/** Bytes that the pod as a whole asks for beyond what its containers do, for each container. */
function unclaimedShare({ containers, initContainers = [], resources }: DeepReadonly<PodSpec>): number {
  const whole = resources?.requests?.['memory'];
  if (whole === undefined) return 0;
  const claimed = podAmount({ containers, initContainers }, 'requests', memoryIn) ?? 0;
  return Math.trunc((parseQuantity(whole).value() - claimed) / (containers.length + initContainers.length));
}

function memoryRequest({ resources }: DeepReadonly<Container>): number {
  return memoryIn(resources?.requests ?? {});
}

function memoryIn(amounts: Readonly<Record<string, string>>): number {
  return amountOf('memory', amounts);
}

function amountOf(resource: string, amounts: Readonly<Record<string, string>>): number {
  const text = amounts[resource];
  return text === undefined ? 0 : parseQuantity(text).value();
}
