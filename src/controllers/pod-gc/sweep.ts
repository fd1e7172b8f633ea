import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Node, Pod } from '../../apis/core/types.ts';

/** What one look at all pods finds. A pod may be in several lists. */
export interface Sweep {
  /** Finished pods beyond the threshold. */
  readonly surplus: readonly DeepReadonly<Pod>[];
  /** Pods being deleted whose node is out of service. */
  readonly outOfService: readonly DeepReadonly<Pod>[];
  /** Pods being deleted that were never bound. */
  readonly unscheduled: readonly DeepReadonly<Pod>[];
  /** Pods of nodes that are not known, by the node's name. */
  readonly orphans: ReadonlyMap<string, readonly DeepReadonly<Pod>[]>;
}

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Sorts the pods; `threshold` is how many finished ones may stay, 0 for any number. */
export function sweep(
  pods: readonly DeepReadonly<Pod>[],
  nodes: readonly DeepReadonly<Node>[],
  threshold: number,
): Sweep {
  const byName = new Map(nodes.map((node) => [node.metadata.name, node]));
  const finished: DeepReadonly<Pod>[] = [];
  const outOfService: DeepReadonly<Pod>[] = [];
  const unscheduled: DeepReadonly<Pod>[] = [];
  const orphans = new Map<string, DeepReadonly<Pod>[]>();
  for (const pod of pods) {
    const { nodeName = '' } = pod.spec;
    const node = byName.get(nodeName);
    if (isPodTerminal(pod)) finished.push(pod);
    if (nodeName !== '' && node === undefined) {
      const theirs = orphans.get(nodeName);
      if (theirs === undefined) orphans.set(nodeName, [pod]);
      else theirs.push(pod);
    }
    if (pod.metadata.deletionTimestamp === undefined) continue;
    if (nodeName === '') unscheduled.push(pod);
    else if (node !== undefined && isOutOfService(node)) outOfService.push(pod);
  }
  return { surplus: surplusOf(finished, threshold), outOfService, unscheduled, orphans };
}

/** Those of the finished pods that have to go: evicted ones first, then the oldest, then by name. */
function surplusOf(finished: readonly DeepReadonly<Pod>[], threshold: number): readonly DeepReadonly<Pod>[] {
  if (threshold <= 0 || finished.length <= threshold) return [];
  return finished.toSorted(byEvictionAndAge).slice(0, finished.length - threshold);
}

function byEvictionAndAge(a: DeepReadonly<Pod>, b: DeepReadonly<Pod>): number {
  const evicted = Number(isEvicted(b)) - Number(isEvicted(a));
  if (evicted !== 0) return evicted;
  const age = compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp);
  return age !== 0 ? age : compare(a.metadata.name, b.metadata.name);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isEvicted(pod: DeepReadonly<Pod>): boolean {
  return pod.status?.phase === 'Failed' && pod.status.reason === 'Evicted';
}

function isOutOfService(node: DeepReadonly<Node>): boolean {
  const ready = isConditionTrue(node.status?.conditions, 'Ready');
  return !ready && (node.spec?.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE);
}
