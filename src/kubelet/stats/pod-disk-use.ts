/** Measures what a pod takes of its node's disks. */
import { join } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { amountBelow, type ContainerDiskUse, type DiskAmount, type DiskUse } from '../eviction/index.ts';
import type { PodView } from '../pod/pod-view.ts';
import type { PodDirectories } from '../pod-directories.ts';
import type { Runtime, WrittenFiles } from '../runtimes/runtime.ts';

/** Walks through all files of the pod: takes as long as there are many. */
export async function podDiskUse(
  { pod, view }: { readonly pod: DeepReadonly<Pod>; readonly view: PodView },
  directories: PodDirectories,
  runtime: Runtime,
): Promise<DiskUse> {
  const { name, namespace = '', uid } = pod.metadata;
  const volumes = new Map<string, DiskAmount>();
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.emptyDir === undefined && volume.configMap === undefined) continue;
    volumes.set(volume.name, await amountBelow(join(directories.volumesOf(uid), volume.name)));
  }
  const { sandbox } = view;
  const written = sandbox === undefined ? new Map<string, WrittenFiles>() : await runtime.written(sandbox.id);
  const containers = new Map<string, ContainerDiskUse>();
  for (const { run, spec } of view.containers) {
    const logs = await amountBelow(join(directories.logsOf({ name, namespace, uid }), spec.name));
    containers.set(spec.name, { logs, written: written.get(run?.id ?? '') ?? { bytes: 0, inodes: 0 } });
  }
  return { volumes, containers };
}
