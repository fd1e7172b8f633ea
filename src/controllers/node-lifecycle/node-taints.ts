/** Which taints a node should have for how it is. Pure. */
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Node, Taint } from '../../apis/core/types.ts';

/** Taint of a node whose state nobody knows. */
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** Taint of a node that says it is not ready. */
export const NOT_READY = 'node.kubernetes.io/not-ready';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Taints by condition type and status (kubernetes.io/docs/reference/labels-annotations-taints). */
const BY_CONDITION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY, Unknown: UNREACHABLE },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};

/** Keys of the NoSchedule taints that are kept here; all others are the administrator's. */
const KEPT = new Set([UNSCHEDULABLE, ...Object.values(BY_CONDITION).flatMap((each) => Object.values(each))]);

type Taints = readonly DeepReadonly<Taint>[];

/** Whether the node has that taint, whatever its value. */
export function hasTaint(taints: Taints | undefined, key: string, effect: Taint['effect']): boolean {
  return taints?.some((each) => each.key === key && each.effect === effect) ?? false;
}

/** The node's taints with the NoSchedule ones as its conditions and its cordon ask for; undefined when they are so already. */
export function withScheduleTaints(node: DeepReadonly<Node>, wall: number): Taint[] | undefined {
  const wanted = new Set<string>();
  for (const { type, status } of node.status?.conditions ?? []) {
    const key = BY_CONDITION[type]?.[status];
    if (key !== undefined) wanted.add(key);
  }
  if (node.spec?.unschedulable) wanted.add(UNSCHEDULABLE);
  const now = node.spec?.taints ?? [];
  const kept = now.filter(({ key, effect }) => effect !== 'NoSchedule' || !KEPT.has(key) || wanted.has(key));
  const missing = [...wanted].filter((key) => !hasTaint(now, key, 'NoSchedule'));
  if (missing.length === 0 && kept.length === now.length) return undefined;
  const timeAdded = rfc3339(wall);
  return [...kept, ...missing.map((key): Taint => ({ key, effect: 'NoSchedule', timeAdded }))];
}

/** The taints with exactly that one (or, for undefined, none) of the two NoExecute taints kept here; undefined when it is so. */
export function withExecuteTaint(
  taints: Taints | undefined,
  wanted: typeof NOT_READY | typeof UNREACHABLE | undefined,
  wall: number,
): Taint[] | undefined {
  const now = taints ?? [];
  const kept = now.filter(
    ({ key, effect }) =>
      effect !== 'NoExecute' || (key !== NOT_READY && key !== UNREACHABLE) || key === wanted,
  );
  const missing = wanted !== undefined && !hasTaint(now, wanted, 'NoExecute');
  if (!missing && kept.length === now.length) return undefined;
  return [
    ...kept,
    ...(missing ? [{ key: wanted, effect: 'NoExecute' as const, timeAdded: rfc3339(wall) }] : []),
  ];
}
