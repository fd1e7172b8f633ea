/** Whether a pod uses more of the node's disk than it may. Pure. Source: pkg/kubelet/eviction (localStorageEviction, wording). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import type { Pod } from '../../apis/core/types.ts';
import { binaryText } from './thresholds.ts';

const STORAGE = 'ephemeral-storage';

/** Bytes that a pod takes on the node's disk. */
export interface DiskUse {
  /** By name of the emptyDir volume. */
  readonly volumes: ReadonlyMap<string, number>;
  /** What containers wrote beside volumes, and their logs, by name of the container. */
  readonly containers: ReadonlyMap<string, number>;
}

/** Whether the pod has any limit, so that it has to be looked at. */
export function hasLocalLimits({ spec }: DeepReadonly<Pod>): boolean {
  return (
    spec.volumes?.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) === true ||
    [...spec.containers, ...(spec.initContainers ?? [])].some(
      ({ resources }) => resources?.limits?.[STORAGE] !== undefined,
    )
  );
}

/** What is said of a pod that is over one of its limits; undefined for one that keeps to them. */
export function brokenLimit(
  { spec }: DeepReadonly<Pod>,
  { volumes, containers }: DiskUse,
): string | undefined {
  for (const { name, emptyDir } of spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    if (limit === undefined || parseQuantity(limit).value() === 0) continue;
    if ((volumes.get(name) ?? 0) > parseQuantity(limit).value()) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
    }
  }
  const limits = spec.containers.reduce((sum, { resources }) => {
    const limit = resources?.limits?.[STORAGE];
    return limit === undefined ? sum : sum + parseQuantity(limit).value();
  }, 0);
  const inMemory = new Set(
    (spec.volumes ?? []).flatMap(({ name, emptyDir }) => (emptyDir?.medium ? [name] : [])),
  );
  const onDisk = [...volumes].filter(([name]) => !inMemory.has(name)).map(([, bytes]) => bytes);
  const used = [...onDisk, ...containers.values()].reduce((total, bytes) => total + bytes, 0);
  if (limits > 0 && used > limits) {
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${binaryText(limits)}. `;
  }
  for (const { name, resources } of spec.containers) {
    const limit = resources?.limits?.[STORAGE];
    if (limit === undefined || (containers.get(name) ?? 0) <= parseQuantity(limit).value()) continue;
    return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;
  }
  return undefined;
}
