/** Chooses which active pods go when there are too many: those whose loss costs least. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { PodLedger } from './ledger.ts';
import { NO_INDEX, type PodView, readySince } from './pod-view.ts';

/**
 * The active pods to remove: for an Indexed Job (`completions` given) all without an index in range and all but one of
 * each index, and then as many more as it takes to make `atLeast`.
 */
export function podsToRemove(
  pods: PodLedger,
  completions: number | undefined,
  atLeast: number,
): readonly PodView[] {
  if (atLeast === 0 && (completions === undefined || indexesAreSound(pods, completions))) return [];
  const active = [...pods.active.values()];
  const removed: PodView[] = [];
  const left = completions === undefined ? active : keepOneOfEach(active, completions, removed);
  if (removed.length < atLeast) {
    left.sort(removeBefore);
    removed.push(...left.slice(0, atLeast - removed.length));
  }
  return removed;
}

/** Whether each active pod has an index of its own, below `completions`. Costs the same for any number of pods. */
function indexesAreSound(pods: PodLedger, completions: number): boolean {
  return (
    pods.activeByIndex.size === pods.active.size &&
    !pods.activeByIndex.has(NO_INDEX) &&
    pods.highestActiveIndex < completions
  );
}

function keepOneOfEach(active: readonly PodView[], completions: number, removed: PodView[]): PodView[] {
  const byIndex = Map.groupBy(active, (view) => view.index);
  const left: PodView[] = [];
  for (const [index, views] of [...byIndex].sort(([a], [b]) => a - b)) {
    const last = index === NO_INDEX || index >= completions ? undefined : views.sort(removeBefore).pop();
    if (last !== undefined) left.push(last);
    removed.push(...views);
  }
  return left;
}

const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * Orders pods, those to remove first: without a node, earlier phase, not ready, ready for a shorter time, more restarts,
 * younger (client-go's ActivePods order).
 */
function removeBefore(left: PodView, right: PodView): number {
  return (
    Number(isScheduled(left)) - Number(isScheduled(right)) ||
    (PHASE_ORDER[left.phase] ?? 0) - (PHASE_ORDER[right.phase] ?? 0) ||
    Number(left.ready) - Number(right.ready) ||
    laterFirst(readySince(left.pod), readySince(right.pod)) ||
    mostRestarts(right.pod) - mostRestarts(left.pod) ||
    mostSidecarRestarts(right.pod) - mostSidecarRestarts(left.pod) ||
    laterFirst(left.pod.metadata.creationTimestamp, right.pod.metadata.creationTimestamp)
  );
}

function isScheduled({ pod }: PodView): boolean {
  return (pod.spec.nodeName ?? '') !== '';
}

/** A time that is not known comes first, then the later one. */
function laterFirst(left: string | undefined, right: string | undefined): number {
  if (left === right) return 0;
  if (!left) return -1;
  if (!right) return 1;
  return Date.parse(right) - Date.parse(left);
}

function mostRestarts(pod: DeepReadonly<Pod>): number {
  return Math.max(0, ...(pod.status.containerStatuses ?? []).map((each) => each.restartCount));
}

function mostSidecarRestarts(pod: DeepReadonly<Pod>): number {
  const sidecars = pod.spec.initContainers?.filter((each) => each.restartPolicy === 'Always') ?? [];
  if (sidecars.length === 0) return 0;
  const names = new Set(sidecars.map((each) => each.name));
  const statuses = pod.status.initContainerStatuses?.filter(({ name }) => names.has(name)) ?? [];
  return Math.max(0, ...statuses.map((each) => each.restartCount));
}
