/** `/stats/summary` of a node, in the form of k8s.io/kubelet/pkg/apis/stats/v1alpha1. Pure. */
import { rfc3339 } from '../../apimachinery/clock.ts';
import type {
  Consumption,
  ContainerConsumption,
  DiskRoom,
  NodeConsumption,
  PodConsumption,
} from '../../apis/metrics/index.ts';

/** What a node and its pods use, as a `Summary`. */
export function statsSummary({
  name,
  bootedAt,
  use,
  memoryAvailableBytes,
  disk,
  pods,
}: NodeConsumption): object {
  const at = rfc3339(use.time);
  return {
    node: {
      nodeName: name,
      startTime: rfc3339(bootedAt),
      ...processorsAndMemory(use, memoryAvailableBytes),
      ...(disk === undefined ? {} : { fs: fileSystem(at, disk.pods) }),
      ...(disk?.images === undefined ? {} : { runtime: { imageFs: fileSystem(at, disk.images) } }),
    },
    pods: pods.map((pod) => podSummary(pod, at, disk?.pods)),
  };
}

function podSummary(pod: PodConsumption, at: string, disk: DiskRoom | undefined): object {
  const { name, namespace, uid, startedAt, containers, use, volumes } = pod;
  const taken = (usedBytes: number): object => ({ time: at, ...room(disk), usedBytes });
  const bytes = [
    ...Object.values(volumes ?? {}),
    ...containers.map((each) => (each.disk?.logBytes ?? 0) + (each.disk?.writtenBytes ?? 0)),
  ];
  return {
    podRef: { name, namespace, uid },
    startTime: rfc3339(startedAt),
    containers: containers.map((each) => containerSummary(each, taken)),
    ...(use === undefined ? {} : processorsAndMemory(use)),
    ...(volumes === undefined
      ? {}
      : {
          volume: Object.entries(volumes).map(([volume, used]) => ({ ...taken(used), name: volume })),
          'ephemeral-storage': taken(bytes.reduce((sum, each) => sum + each, 0)),
        }),
  };
}

function containerSummary(
  { name, startedAt, use, disk }: ContainerConsumption,
  taken: (bytes: number) => object,
): object {
  return {
    name,
    startTime: rfc3339(startedAt),
    ...(use === undefined ? {} : processorsAndMemory(use)),
    ...(disk === undefined ? {} : { rootfs: taken(disk.writtenBytes), logs: taken(disk.logBytes) }),
  };
}

function processorsAndMemory(use: Consumption, availableBytes?: number): object {
  const time = rfc3339(use.time);
  const { rate, cpuSeconds, memoryBytes: usageBytes, workingSetBytes } = use;
  return {
    cpu: {
      time,
      ...(rate === undefined ? {} : { usageNanoCores: Math.round(rate.cpus * 1e9) }),
      usageCoreNanoSeconds: Math.round(cpuSeconds * 1e9),
    },
    memory: {
      time,
      ...(availableBytes === undefined ? {} : { availableBytes }),
      usageBytes,
      workingSetBytes,
    },
  };
}

function fileSystem(time: string, { usedBytes, inodes, inodesFree, ...disk }: DiskRoom): object {
  const nodes =
    inodes === undefined || inodesFree === undefined
      ? {}
      : { inodesFree, inodes, inodesUsed: inodes - inodesFree };
  return { time, ...disk, usedBytes, ...nodes };
}

function room(disk: DiskRoom | undefined): object {
  if (disk === undefined) return {};
  const { availableBytes, capacityBytes } = disk;
  return { availableBytes, capacityBytes };
}
