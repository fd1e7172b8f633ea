/** What a budget allows, worked out from its pods. Pure. */
import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import { controllerOf } from '../../apimachinery/meta/controller-ref.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../apimachinery/meta/types.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { PodDisruptionBudget } from '../../apis/policy/index.ts';

type Budget = DeepReadonly<PodDisruptionBudget>;
type AnyPod = DeepReadonly<Pod>;

/** Milliseconds in which an evicted pod should be gone. */
export const DELETION_MS = 120_000;

/** How many pods there should be, how many must stay healthy, and which pods nobody controls. */
export interface Expectation {
  readonly expected: number;
  readonly desired: number;
  readonly unmanaged: readonly string[];
}

/** Works out what a budget expects; a text says why that cannot be done. */
export function expectationOf({ spec }: Budget, pods: readonly AnyPod[]): Expectation | string {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable === undefined && typeof minAvailable === 'number') {
    return { expected: pods.length, desired: minAvailable, unmanaged: [] };
  }
  const amount = maxUnavailable ?? minAvailable;
  if (amount === undefined) return { expected: 0, desired: 0, unmanaged: [] };
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) unmanaged.push(pod.metadata.name);
    else return noScale(owner, pod);
  }
  // No kind that is served has a scale, so that whatever can be counted here counts as none.
  const scaled = typeof amount === 'number' ? amount : 0;
  return { expected: 0, desired: maxUnavailable === undefined ? scaled : 0, unmanaged };
}

const BATCH: Readonly<Record<string, string>> = { Job: 'jobs.batch', CronJob: 'cronjobs.batch' };
const APPS: ReadonlySet<string> = new Set(['ReplicaSet', 'Deployment', 'StatefulSet']);

/** Why the number of pods that a controller wants is not known. */
function noScale(owner: { readonly apiVersion: string; readonly kind: string }, pod: AnyPod): string {
  const { apiVersion, kind } = owner;
  const resource = apiVersion.startsWith('batch/') ? BATCH[kind] : undefined;
  if (resource !== undefined) return `${resource} does not implement the scale subresource`;
  if (apiVersion.startsWith('apps/') ? APPS.has(kind) : kind === 'ReplicationController') {
    return `found no controllers for pod ${JSON.stringify(pod.metadata.name)}`;
  }
  return `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
}

/** Pods that were evicted and are still there, with the time of their eviction, and those that should be gone by now. */
export function stillDisrupted(
  { status }: Budget,
  pods: readonly AnyPod[],
  now: number,
): { readonly pending: Readonly<Record<string, string>>; readonly overdue: readonly AnyPod[] } {
  const pending: Record<string, string> = {};
  const overdue: AnyPod[] = [];
  for (const pod of pods) {
    const since = status?.disruptedPods?.[pod.metadata.name];
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    if (Date.parse(since) + DELETION_MS < now) overdue.push(pod);
    else pending[pod.metadata.name] = since;
  }
  return { pending, overdue };
}

/** Pods that are ready and neither going nor evicted. */
export function healthy(pods: readonly AnyPod[], disrupted: Readonly<Record<string, string>>): number {
  return pods.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      !Object.hasOwn(disrupted, metadata.name) &&
      isConditionTrue(status.conditions, 'Ready'),
  ).length;
}

/** A selector as Go prints it. */
export function goSelector({ matchLabels = {}, matchExpressions = [] }: DeepReadonly<LabelSelector>): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key]},`)
    .join('');
  const expressions = matchExpressions
    .map(
      ({ key, operator, values = [] }) =>
        `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
    )
    .join('');
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`;
}
