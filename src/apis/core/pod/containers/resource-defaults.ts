import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { roundUpToMilli } from '../../amounts.ts';
import { isHugePages, mayOvercommit } from '../../resource-names.ts';
import type { Container, PodSpec } from '../../types.ts';
import { sumOfLimits, sumOfRequests } from '../pod-amounts.ts';

type Amounts = Record<string, string>;

/** Rounds amounts finer than a thousandth up to the next one, as the API has always done. */
export function roundToMilli(amounts: Amounts | undefined): void {
  for (const name in amounts) {
    amounts[name] = roundUpToMilli(amounts[name] ?? '0');
  }
}

/** What has a limit and no request requests as much as its limit. Amounts may be a stored pod's too: they are left as they are. */
export function requestsFromLimits(container: Container): void {
  const limits = container.resources?.limits;
  if (!container.resources || !limits) return;
  const { requests } = container.resources;
  const filled = fill(requests ?? {}, limits, () => true);
  if (filled !== requests) container.resources.requests = filled;
}

/** The amounts with what they lack of the others; the same object where they lack nothing. */
function fill(amounts: Amounts, from: Amounts, wanted: (name: string) => boolean): Amounts {
  let filled = amounts;
  for (const name in from) {
    const amount = from[name];
    if (amount === undefined || filled[name] !== undefined || !wanted(name)) continue;
    if (filled === amounts) filled = { ...amounts };
    filled[name] = amount;
  }
  return filled;
}

const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

/**
 * Fills in what a pod asks for as a whole once it asks for something (KEP-2837): limits of huge pages from its containers,
 * and requests from its containers or else from its own limits.
 */
export function applyPodLevelResourceDefaults(spec: PodSpec): void {
  if (!spec.resources) return;
  // The amounts may be a stored pod's too.
  const resources = { ...spec.resources };
  if (Object.keys({ ...resources.limits, ...resources.requests }).length > 0) {
    const requested = resources.requests ?? {};
    const isAsked = (name: string): boolean => isHugePages(name) && requested[name] === undefined;
    const limits = fill(resources.limits ?? {}, sumOfLimits(spec), isAsked);
    if (Object.keys(limits).length > 0) resources.limits = limits;
  }
  const limits = resources.limits;
  if (limits && Object.keys(limits).length > 0) {
    const isOvercommitted = (name: string): boolean => isPodLevel(name) && mayOvercommit(name);
    const summed = fill(resources.requests ?? {}, sumOfRequests(spec), isOvercommitted);
    const requests = fill(summed, limits, isPodLevel);
    if (Object.keys(requests).length > 0) resources.requests = requests;
  }
  spec.resources = resources;
}

/** Rounds what a pod, or a template, asks for as a whole. What it shares with `old`, the stored one, is rounded already. */
export function roundPodLevelResources({ resources }: PodSpec, old: DeepReadonly<PodSpec> | undefined): void {
  for (const list of ['limits', 'requests'] as const) {
    if (resources?.[list] !== old?.resources?.[list]) roundToMilli(resources?.[list]);
  }
}
