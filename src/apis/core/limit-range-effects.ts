/** What limit ranges do to pods and claims: they fill in, and they refuse. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import { canonicalAmount, compareAmounts } from './amounts.ts';
import { ownLimits, ownRequests } from './pod/pod-amounts.ts';
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec } from './types.ts';

type Amounts = Readonly<Record<string, string>>;
type Item = DeepReadonly<LimitRangeItem>;
const ANNOTATION = 'kubernetes.io/limit-ranger';

/** Fills in requests and limits that the containers of a new pod do not state, and notes it in an annotation. */
export function applyLimits(range: DeepReadonly<LimitRange>, pod: Pod): void {
  const items = (range.spec.limits ?? []).filter((item) => item.type === 'Container');
  const limits: Amounts = Object.assign({}, ...items.map((item) => item.default));
  const requests: Amounts = Object.assign({}, ...items.map((item) => item.defaultRequest));
  const notes: string[] = [];
  for (const container of pod.spec.containers ?? []) fill(container, 'container', requests, limits, notes);
  for (const container of pod.spec.initContainers ?? []) {
    fill(container, 'init container', requests, limits, notes);
  }
  if (notes.length === 0) return;
  pod.metadata.annotations ??= {};
  pod.metadata.annotations[ANNOTATION] = `LimitRanger plugin set: ${notes.join('; ')}`;
}

function fill(container: Container, kind: string, requests: Amounts, limits: Amounts, notes: string[]): void {
  container.resources ??= {};
  const { resources } = container;
  for (const [list, amounts] of [
    ['requests', requests],
    ['limits', limits],
  ] as const) {
    const missing = Object.keys(amounts).filter((name) => resources[list]?.[name] === undefined);
    if (missing.length === 0) continue;
    resources[list] = { ...amounts, ...resources[list] };
    notes.push(`${missing.sort().join(', ')} ${list.slice(0, -1)} for ${kind} ${container.name}`);
  }
}

/** What of a pod or claim is out of range, in words. */
export function limitViolations(
  range: DeepReadonly<LimitRange>,
  object: DeepReadonly<Pod | PersistentVolumeClaim>,
): string[] {
  const violations: string[] = [];
  for (const item of range.spec.limits ?? []) {
    if ('containers' in object.spec) violations.push(...podViolations(item, object.spec));
    else if (item.type === 'PersistentVolumeClaim') {
      const { resources } = object.spec as DeepReadonly<PersistentVolumeClaim>['spec'];
      violations.push(...claimViolations(item, resources?.requests ?? {}));
    }
  }
  return violations;
}

function podViolations(item: Item, spec: DeepReadonly<PodSpec>): string[] {
  if (item.type === 'Container') {
    return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
      violationsOf(item, resources?.requests ?? {}, resources?.limits ?? {}),
    );
  }
  return item.type === 'Pod' ? violationsOf(item, ownRequests(spec), ownLimits(spec)) : [];
}

function violationsOf(item: Item, requests: Amounts, limits: Amounts): string[] {
  const found: (string | undefined)[] = [];
  for (const [name, bound] of Object.entries(item.min ?? {})) {
    found.push(belowMinimum(item.type, name, bound, requests[name], limits[name]));
  }
  for (const [name, bound] of Object.entries(item.max ?? {})) {
    found.push(aboveMaximum(item.type, name, bound, requests[name], limits[name]));
  }
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    found.push(aboveRatio(item.type, name, ratio, requests[name], limits[name]));
  }
  return found.filter((each) => each !== undefined);
}

function claimViolations(item: Item, requests: Amounts): string[] {
  const found: (string | undefined)[] = [];
  for (const [name, bound] of Object.entries(item.min ?? {})) {
    found.push(belowMinimum(item.type, name, bound, requests[name], undefined));
  }
  for (const [name, bound] of Object.entries(item.max ?? {})) {
    const request = requests[name];
    const rule = `maximum ${name} usage per ${item.type} is ${canonicalAmount(bound)}`;
    if (request === undefined) found.push(`${rule}.  No request is specified`);
    else if (compareAmounts(request, bound) > 0) {
      found.push(`${rule}, but request is ${canonicalAmount(request)}`);
    }
  }
  return found.filter((each) => each !== undefined);
}

function belowMinimum(
  type: string,
  name: string,
  bound: string,
  request: string | undefined,
  limit: string | undefined,
): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${canonicalAmount(bound)}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareAmounts(request, bound) < 0) return `${rule}, but request is ${canonicalAmount(request)}`;
  if (limit !== undefined && compareAmounts(limit, bound) < 0) {
    return `${rule}, but limit is ${canonicalAmount(limit)}`;
  }
  return undefined;
}

function aboveMaximum(
  type: string,
  name: string,
  bound: string,
  request: string | undefined,
  limit: string | undefined,
): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${canonicalAmount(bound)}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compareAmounts(limit, bound) > 0) return `${rule}, but limit is ${canonicalAmount(limit)}`;
  if (request !== undefined && compareAmounts(request, bound) > 0) {
    return `${rule}, but request is ${canonicalAmount(request)}`;
  }
  return undefined;
}

function aboveRatio(
  type: string,
  name: string,
  bound: string,
  request: string | undefined,
  limit: string | undefined,
): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${canonicalAmount(bound)}`;
  const milli = (amount: string | undefined): number => parseQuantity(amount ?? '0').milliValue();
  if (milli(request) === 0) return `${rule}, but no request is specified or request is 0`;
  if (milli(limit) === 0) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = milli(limit) / milli(request);
  return ratio * 1000 > milli(bound) ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
