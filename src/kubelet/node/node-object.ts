/** The Node object of this machine, as the node agent registers and reports it. Pure. */
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity, wholeQuantity } from '../../apimachinery/quantity.ts';
import { isHugePages } from '../../apis/core/resource-names.ts';
import type { NodeCondition, NodeStatus, Taint } from '../../apis/core/types.ts';
import { amountOf, type Pressure, resourceOf, type Threshold } from '../eviction/thresholds.ts';
import { type HugePages, hugePagesResource } from '../huge-pages.ts';
import type { RuntimeStatus, RuntimeVersion } from '../runtimes/runtime.ts';
import type { Machine } from './machine.ts';

/** The version of Kubernetes whose kubelet this one behaves like. */
const KUBELET_VERSION = 'v1.36.2';
/** Pods of one node when nothing else is asked for, as the kubelet has it. */
const PODS_DEFAULT = 110;

const NO_PAGES: readonly HugePages[] = [2 ** 21, 2 ** 30].map((size) => ({ size, bytes: 0 }));

/** What a node is, besides its machine. */
export interface NodeTraits {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Replaces, or adds to, what the machine has: `{ cpu: '4', 'nvidia.com/gpu': '1' }`. */
  readonly capacity?: Readonly<Record<string, string>>;
  /** What pods may not have, by resource: it is left for the machine itself. */
  readonly reserved?: Readonly<Record<string, string>>;
  /** Below these it evicts pods, so that pods cannot have that either. */
  readonly evictionHard?: readonly Threshold[];
  /** Port of its own server. Default 0: it has none. */
  readonly serverPort?: number;
}

/** What the node has, by resource. */
export function nodeCapacity(traits: NodeTraits, machine: Machine): Record<string, string> {
  return {
    cpu: String(machine.cpus),
    'ephemeral-storage': `${Math.floor(machine.disk / 1024)}Ki`,
    ...Object.fromEntries(
      (machine.hugePages ?? NO_PAGES).map(({ size, bytes }) => [
        hugePagesResource(size),
        wholeQuantity(bytes, 'BinarySI').toString(),
      ]),
    ),
    memory: `${Math.floor(machine.memory / 1024)}Ki`,
    pods: String(PODS_DEFAULT),
    ...traits.capacity,
  };
}

/**
 * What pods may use of it, by resource: the capacity less what is reserved, and less what has to be left before pods are evicted.
 * Memory that is set aside for huge pages counts as those alone.
 */
export function nodeAllocatable(
  capacity: Readonly<Record<string, string>>,
  { reserved = {}, evictionHard = [] }: NodeTraits,
): Record<string, string> {
  const pages = Object.entries(capacity)
    .filter(([resource]) => isHugePages(resource))
    .map(([, amount]) => parseQuantity(amount))
    .filter((amount) => amount.sign() > 0);
  return Object.fromEntries(
    Object.entries(capacity).map(([resource, amount]) => {
      const whole = parseQuantity(amount);
      const kept = evictionHard
        .filter((threshold) => resourceOf(threshold) === resource)
        .map((threshold) => wholeQuantity(amountOf(threshold, whole.value())));
      if (reserved[resource] !== undefined) kept.push(parseQuantity(reserved[resource]));
      if (resource === 'memory') kept.push(...pages);
      if (kept.length === 0) return [resource, amount];
      const left = kept.reduce((rest, each) => rest.subtract(each), whole);
      return [resource, left.sign() < 0 ? '0' : left.toString()];
    }),
  );
}

/** Labels that tell nodes apart (kubernetes.io/docs/reference/labels-annotations-taints). */
export function nodeLabels(traits: NodeTraits, machine: Machine): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': machine.architecture,
    'beta.kubernetes.io/os': machine.os,
    'kubernetes.io/arch': machine.architecture,
    'kubernetes.io/hostname': traits.name,
    'kubernetes.io/os': machine.os,
    ...traits.labels,
  };
}

/** How the node is now. */
export interface NodeState {
  readonly version: RuntimeVersion;
  readonly runtime: RuntimeStatus;
  /** What the node is short of. */
  readonly pressures: ReadonlySet<Pressure>;
}

/** The node's status; conditions keep their times of change from `before`. */
export function nodeStatus(
  traits: NodeTraits,
  machine: Machine,
  { version, runtime, pressures }: NodeState,
  before: DeepReadonly<NodeStatus>,
  now: number,
): NodeStatus {
  const capacity = nodeCapacity(traits, machine);
  return {
    addresses: [
      ...machine.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: traits.name },
    ],
    allocatable: nodeAllocatable(capacity, traits),
    capacity,
    conditions: conditions(runtime, pressures, before.conditions ?? [], now),
    daemonEndpoints: { kubeletEndpoint: { Port: traits.serverPort ?? 0 } },
    nodeInfo: {
      architecture: machine.architecture,
      bootID: machine.bootId,
      containerRuntimeVersion: `${version.name}://${version.version.replace(/~.*$/, '')}`,
      kernelVersion: machine.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: KUBELET_VERSION,
      machineID: machine.machineId,
      operatingSystem: machine.os,
      osImage: machine.osImage,
      systemUUID: machine.systemUuid,
    },
  };
}

function conditions(
  { ready, networkReady, message }: RuntimeStatus,
  pressures: ReadonlySet<Pressure>,
  before: DeepReadonly<NodeCondition[]>,
  now: number,
): NodeCondition[] {
  const time = rfc3339(now);
  const made = (type: string, holds: boolean, reason: string, text: string): NodeCondition => {
    const status = holds ? 'True' : 'False';
    const old = before.find((each) => each.type === type);
    const since = old?.status === status ? (old.lastTransitionTime ?? time) : time;
    return { type, status, reason, message: text, lastHeartbeatTime: time, lastTransitionTime: since };
  };
  const works = ready && networkReady;
  return [
    pressures.has('MemoryPressure')
      ? made(
          'MemoryPressure',
          true,
          'KubeletHasInsufficientMemory',
          'kubelet has insufficient memory available',
        )
      : made(
          'MemoryPressure',
          false,
          'KubeletHasSufficientMemory',
          'kubelet has sufficient memory available',
        ),
    pressures.has('DiskPressure')
      ? made('DiskPressure', true, 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : made('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressures.has('PIDPressure')
      ? made('PIDPressure', true, 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available')
      : made('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    works
      ? made('Ready', true, 'KubeletReady', 'kubelet is posting ready status')
      : made('Ready', false, 'KubeletNotReady', message ?? 'container runtime is down'),
  ];
}
