/** What another image means for a container: all else that a pod may change of its containers is a resize. Source: the kubelet's computePodActions. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { PodSpec } from '../../apis/core/types.ts';
import { type ContainerRecord, isLive, type PodView, recordOf } from './pod-view.ts';

/**
 * Takes over the images that the pod asks for now. What waits after failures with another image starts at once, and what
 * runs with one is marked to be ended and to begin again. An init container that runs goes on to its end.
 */
export function redefine(spec: DeepReadonly<PodSpec>, view: PodView): void {
  for (const { name, image } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    const record = recordOf(view, name);
    if (record === undefined || image === undefined) continue;
    if (record.spec.image !== image) {
      record.spec = { ...record.spec, image };
      record.notBefore = 0;
      record.backoffMs = 0;
    }
    if (!runsAnother(record, image)) continue;
    const kind = record.role === 'main' ? 'Container' : 'Init container';
    const again = record.role === 'main' ? ', will be restarted' : '';
    record.renewing = true;
    record.kill = { why: `${kind} ${name} definition changed${again}` };
  }
}

function runsAnother({ role, run }: ContainerRecord, image: string): boolean {
  if (role !== 'main' && role !== 'sidecar') return false;
  return isLive(run) && run?.image !== undefined && run.image !== image;
}
