/** Whether a pod uses more of the node's disk than it may. Pure. Source: pkg/kubelet/eviction (localStorageEviction, wording). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import type { Container, Pod, PodSpec } from '../../apis/core/types.ts';
import { added, type Disk, type DiskUse, takenOf } from './disk-use.ts';
import { binaryText } from './thresholds.ts';

const STORAGE = 'ephemeral-storage';
const ALL_DISKS: ReadonlySet<Disk> = new Set(['nodefs', 'imagefs']);

/** Whether the pod has any limit, so that it has to be looked at. */
export function hasLocalLimits({ spec }: DeepReadonly<Pod>): boolean {
  return (
    spec.volumes?.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) === true ||
    [...spec.containers, ...(spec.initContainers ?? [])].some(
      ({ resources }) => resources?.limits?.[STORAGE] !== undefined,
    )
  );
}

/**
 * What is said of a pod that is over one of its limits; undefined for one that keeps to them.
 *
 * @param imagesApart whether images, and what containers write, lie on a disk of their own: of the node's other disk a container then
 * takes its logs alone.
 */
export function brokenLimit(pod: DeepReadonly<Pod>, use: DiskUse, imagesApart: boolean): string | undefined {
  const { spec } = pod;
  for (const { name, emptyDir } of spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    if (limit === undefined || parseQuantity(limit).value() === 0) continue;
    if ((use.volumes.get(name)?.bytes ?? 0) > parseQuantity(limit).value()) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
    }
  }
  const limit = limitOfAll(spec);
  if (limit > 0 && takenOf(pod, use, ALL_DISKS).bytes > limit) {
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${binaryText(limit)}. `;
  }
  for (const container of spec.containers) {
    const { name } = container;
    const own = limitOf(container);
    const taken = use.containers.get(name);
    if (own === 0 || taken === undefined) continue;
    if ((imagesApart ? taken.logs : added(taken.logs, taken.written)).bytes <= own) continue;
    return `Container ${name} exceeded its local ephemeral storage limit "${container.resources?.limits?.[STORAGE]}". `;
  }
  return undefined;
}

/** Bytes; 0: none. */
function limitOf({ resources }: DeepReadonly<Container>): number {
  const limit = resources?.limits?.[STORAGE];
  return limit === undefined ? 0 : parseQuantity(limit).value();
}

/** Bytes that all containers may take together: as many as run at one time. 0: no container has a limit. */
function limitOfAll({ containers, initContainers = [] }: DeepReadonly<PodSpec>): number {
  let sidecars = 0;
  let most = 0;
  for (const each of initContainers) {
    if (each.restartPolicy === 'Always') sidecars += limitOf(each);
    else most = Math.max(most, sidecars + limitOf(each));
  }
  return Math.max(
    most,
    containers.reduce((sum, each) => sum + limitOf(each), sidecars),
  );
}
