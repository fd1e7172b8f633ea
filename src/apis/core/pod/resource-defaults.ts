import { roundUpToMilli } from '../amounts.ts';
import { isHugePages, mayOvercommit } from '../resource-names.ts';
import type { Container, PodSpec } from '../types.ts';
import { sumOfLimits, sumOfRequests } from './pod-amounts.ts';

type Amounts = Record<string, string>;

/** Rounds amounts finer than a thousandth up to the next one, as the API has always done. */
export function roundToMilli(amounts: Amounts | undefined): void {
  for (const name in amounts) {
    amounts[name] = roundUpToMilli(amounts[name] ?? '0');
  }
}

/** What has a limit and no request requests as much as its limit. */
export function requestsFromLimits(container: Container): void {
  const limits = container.resources?.limits;
  if (!container.resources || !limits) return;
  container.resources.requests ??= {};
  fill(container.resources.requests, limits, () => true);
}

function fill(into: Amounts, from: Amounts, wanted: (name: string) => boolean): void {
  for (const name in from) {
    const amount = from[name];
    if (amount !== undefined && into[name] === undefined && wanted(name)) into[name] = amount;
  }
}

const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

/**
 * Fills in what a pod asks for as a whole once it asks for something (KEP-2837): limits of huge pages from its containers,
 * and requests from its containers or else from its own limits.
 */
export function applyPodLevelResourceDefaults(spec: PodSpec): void {
  const { resources } = spec;
  if (!resources) return;
  if (Object.keys({ ...resources.limits, ...resources.requests }).length > 0) {
    const limits = resources.limits ?? {};
    const requested = resources.requests ?? {};
    fill(limits, sumOfLimits(spec), (name) => isHugePages(name) && requested[name] === undefined);
    if (Object.keys(limits).length > 0) resources.limits = limits;
  }
  const limits = resources.limits;
  if (limits && Object.keys(limits).length > 0) {
    const requests = resources.requests ?? {};
    fill(requests, sumOfRequests(spec), (name) => isPodLevel(name) && mayOvercommit(name));
    fill(requests, limits, isPodLevel);
    if (Object.keys(requests).length > 0) resources.requests = requests;
  }
  roundToMilli(resources.limits);
  roundToMilli(resources.requests);
}
