import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { addAmounts, compareAmounts } from '../amounts.ts';
import type { PodSpec, PodStatus, ResourceRequirements } from '../types.ts';

const COMPUTE = ['cpu', 'memory'];
type Totals = Record<string, string>;

/**
 * A pod's class of service: Guaranteed when everything that runs in it has limits of cpu and memory and requests just as
 * much, BestEffort when nothing asks for any, else Burstable.
 */
export function qosClassOf(spec: DeepReadonly<PodSpec>): NonNullable<PodStatus['qosClass']> {
  const requests: Totals = {};
  const limits: Totals = {};
  const parts: (DeepReadonly<ResourceRequirements> | undefined)[] = spec.resources
    ? [spec.resources]
    : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container) => container.resources);
  let limitedThroughout = true;
  for (const part of parts) {
    accumulate(requests, part?.requests);
    const limited = accumulate(limits, part?.limits);
    // A pod that asks as a whole and has no limits at all is judged by its totals alone.
    if (limited < COMPUTE.length && !(spec.resources && !part?.limits)) limitedThroughout = false;
  }
  const requested = Object.keys(requests);
  if (requested.length === 0 && Object.keys(limits).length === 0) return 'BestEffort';
  const matching = requested.every((name) => {
    const limit = limits[name];
    return limit !== undefined && compareAmounts(limit, requests[name] ?? '0') === 0;
  });
  const same = requested.length === Object.keys(limits).length;
  return limitedThroughout && matching && same ? 'Guaranteed' : 'Burstable';
}

/** Adds the positive amounts of cpu and memory, and answers how many of the two there were. */
function accumulate(into: Totals, amounts: Readonly<Record<string, string>> | undefined): number {
  let found = 0;
  for (const name of COMPUTE) {
    const amount = amounts?.[name];
    if (amount === undefined || compareAmounts(amount, '0') <= 0) continue;
    found++;
    const before = into[name];
    into[name] = before === undefined ? amount : addAmounts(before, amount);
  }
  return found;
}
