/** What a pod needs of each resource, from what its containers need. */
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { addAmounts, compareAmounts } from '../amounts.ts';
import type { Container, PodSpec } from '../types.ts';

/** Amounts by resource name. */
export type Amounts = Readonly<Record<string, string>>;

function add(into: Record<string, string>, amounts: Amounts | undefined): void {
  for (const name in amounts) {
    const amount = amounts[name] ?? '0';
    const before = into[name];
    into[name] = before === undefined ? amount : addAmounts(before, amount);
  }
}

function raise(into: Record<string, string>, amounts: Amounts): void {
  for (const name in amounts) {
    const amount = amounts[name] ?? '0';
    const before = into[name];
    if (before === undefined || compareAmounts(amount, before) > 0) into[name] = amount;
  }
}

/**
 * The sum over containers that run together: all the application's, plus the sidecars; or, where that is more, what an init
 * container needs together with the sidecars started before it (KEP-753).
 */
function together(
  spec: DeepReadonly<PodSpec>,
  of: (container: DeepReadonly<Container>) => Amounts | undefined,
): Record<string, string> {
  const sum: Record<string, string> = {};
  for (const container of spec.containers ?? []) add(sum, of(container));
  const sidecars: Record<string, string> = {};
  const starting: Record<string, string> = {};
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      add(sum, of(container));
      add(sidecars, of(container));
      raise(starting, sidecars);
    } else {
      const now = { ...sidecars };
      add(now, of(container));
      raise(starting, now);
    }
  }
  raise(sum, starting);
  return sum;
}

/** What the containers of a pod request together. */
export function sumOfRequests(spec: DeepReadonly<PodSpec>): Record<string, string> {
  return together(spec, (container) => container.resources?.requests);
}

/** What the containers of a pod are limited to together. */
export function sumOfLimits(spec: DeepReadonly<PodSpec>): Record<string, string> {
  return together(spec, (container) => container.resources?.limits);
}

/** What a pod requests: pod-level amounts where set, else its containers'. */
export function ownRequests(spec: DeepReadonly<PodSpec>): Record<string, string> {
  return Object.assign(sumOfRequests(spec), spec.resources?.requests);
}

/** What a pod is limited to: pod-level amounts where set, else its containers'. */
export function ownLimits(spec: DeepReadonly<PodSpec>): Record<string, string> {
  return Object.assign(sumOfLimits(spec), spec.resources?.limits);
}

/** What a pod needs of a node and counts for in quotas: its requests plus its overhead. */
export function podRequests(spec: DeepReadonly<PodSpec>): Record<string, string> {
  const sum = ownRequests(spec);
  add(sum, spec.overhead);
  return sum;
}

/** What a pod may use at most, for quotas: its limits, plus its overhead where it is limited. */
export function podLimits(spec: DeepReadonly<PodSpec>): Record<string, string> {
  const sum = ownLimits(spec);
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) {
    const before = sum[name];
    if (before !== undefined && compareAmounts(before, '0') !== 0) sum[name] = addAmounts(before, amount);
  }
  return sum;
}
