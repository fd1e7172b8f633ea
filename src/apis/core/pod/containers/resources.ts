/** Rules for what containers and whole pods ask for and may use at most. */
import {
  duplicate,
  FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { isGivenEmpty } from '../../../../apimachinery/schema/index.ts';
import { validateDns1123Label } from '../../../../apimachinery/validation/index.ts';
import { canonicalAmount, compareAmounts, isMultiple } from '../../amounts.ts';
import { reportEach } from '../../report.ts';
import { validateAmount } from '../../resource-amounts.ts';
import {
  isHugePages,
  mayOvercommit,
  validateContainerResourceName,
  validateResourceName,
} from '../../resource-names.ts';
import type { PodSpec, ResourceClaim, ResourceRequirements } from '../../types.ts';
import { type Amounts, sumOfLimits, sumOfRequests } from '../pod-amounts.ts';
import { claimNames } from '../scheduling/resource-claims.ts';
import type { PodValidationOptions } from '../validation-options.ts';

type NameRule = (errors: FieldError[], path: string, name: string) => void;
type Requirements = DeepReadonly<ResourceRequirements>;
const POD_LEVEL = ['cpu', 'hugepages-', 'memory'];

/** Checks what a container asks for; `claims` are the names of the pod's resource claims. */
export function validateContainerResources(
  errors: FieldError[],
  path: string,
  requirements: Requirements | undefined,
  claims: ReadonlySet<string>,
  options: PodValidationOptions,
): void {
  if (!requirements) return;
  validateRequirements(errors, path, requirements, validateContainerResourceName, options);
  if (requirements.claims) validateClaims(errors, `${path}.claims`, requirements.claims, claims);
}

/** Checks what a pod needs beside its containers. */
export function validateOverhead(
  errors: FieldError[],
  path: string,
  overhead: Amounts,
  options: PodValidationOptions,
): void {
  validateRequirements(errors, path, { limits: overhead }, validateContainerResourceName, options);
}

function validateRequirements(
  errors: FieldError[],
  path: string,
  { limits, requests }: Requirements,
  nameRule: NameRule,
  options: PodValidationOptions,
): void {
  let hugePages = false;
  let compute = false;
  const check = (list: string, name: string, amount: string): void => {
    const at = `${path}.${list}[${name}]`;
    nameRule(errors, at, name);
    validateAmount(errors, at, name, amount);
    if (name === 'cpu' || name === 'memory') compute = true;
    if (isHugePages(name)) {
      hugePages = true;
      if (!options.indivisibleHugePages) validatePages(errors, at, name, amount);
    }
  };
  for (const name in limits) check('limits', name, limits[name] ?? '0');
  for (const name in requests) {
    const request = requests[name] ?? '0';
    const at = `${path}.requests[${name}]`;
    nameRule(errors, at, name);
    validateAmount(errors, at, name, request);
    validateAgainstLimit(errors, path, name, request, limits?.[name]);
    if (name === 'cpu' || name === 'memory') compute = true;
    if (isHugePages(name)) {
      hugePages = true;
      if (!options.indivisibleHugePages) validatePages(errors, at, name, request);
    }
  }
  if (hugePages && !compute) errors.push(forbidden(path, 'HugePages require cpu or memory'));
}

function validateAgainstLimit(
  errors: FieldError[],
  path: string,
  name: string,
  request: string,
  limit: string | undefined,
): void {
  if (limit === undefined) {
    if (!mayOvercommit(name)) {
      errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
    }
    return;
  }
  if (request === limit) return;
  const order = compareAmounts(request, limit);
  if (order === 0 || (order < 0 && mayOvercommit(name))) return;
  const relation = mayOvercommit(name) ? 'less than or equal to' : 'equal to';
  const rule = `must be ${relation} ${name} limit of ${canonicalAmount(limit)}`;
  errors.push(invalid(`${path}.requests`, canonicalAmount(request), rule));
}

function validatePages(errors: FieldError[], path: string, name: string, amount: string): void {
  if (dividesIntoPages(name, amount)) return;
  const shown = canonicalAmount(amount);
  errors.push(invalid(path, shown, `${shown} is not positive integer multiple of ${name}`));
}

function dividesIntoPages(name: string, amount: string): boolean {
  return isMultiple(amount, name.slice('hugepages-'.length));
}

/** Whether stored requirements ask for parts of huge pages, which today's rules refuse. */
export function breaksHugePageDivision(requirements: Requirements | undefined): boolean {
  return [requirements?.limits ?? {}, requirements?.requests ?? {}].some((amounts) =>
    Object.entries(amounts).some(([name, amount]) => isHugePages(name) && !dividesIntoPages(name, amount)),
  );
}

function validateClaims(
  errors: FieldError[],
  path: string,
  used: DeepReadonly<ResourceClaim[]>,
  claims: ReadonlySet<string>,
): void {
  const seen = new Set<string>();
  /** How many requests of a claim were named so far. */
  const requests = new Map<string, number>();
  let known: string | undefined;
  used.forEach(({ name, request }, index) => {
    const at = `${path}[${index}]`;
    if (!name) {
      errors.push(required(at));
      return;
    }
    if (seen.has(name)) errors.push(duplicate(at, name));
    else {
      if (request) reportEach(errors, `${at}.request`, request, validateDns1123Label(request));
      const key = request ? `${name}/${request}` : name;
      if (seen.has(key)) errors.push(duplicate(at, key));
      else if (!request) {
        for (let left = requests.get(name) ?? 0; left > 0; left--) errors.push(duplicate(at, name));
      }
      if (request && !seen.has(key)) requests.set(name, (requests.get(name) ?? 0) + 1);
      seen.add(key);
    }
    if (claims.has(name)) return;
    known ??= claims.size === 0 ? ' which is empty' : `: ${[...claims].sort().join(', ')}`;
    const rule = `must be one of the names in pod.spec.resourceClaims${known}`;
    errors.push(new FieldError('FieldValueNotFound', at, name, rule));
  });
}

/** Checks what a pod asks for as a whole (KEP-2837), against itself and against its containers. */
export function validatePodLevelResources(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
  options: PodValidationOptions,
): void {
  const { resources } = spec;
  if (!resources) return;
  if (spec.os?.name === 'windows') {
    errors.push(forbidden(path, 'may not be set for a windows pod'));
    return;
  }
  if (resources.claims || isGivenEmpty(resources, 'claims')) {
    errors.push(forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level'));
  }
  validateRequirements(errors, path, resources, validatePodLevelName, options);
  if (resources.claims) validateClaims(errors, `${path}.claims`, resources.claims, claimNames(spec));
  validateContainersFit(errors, path, spec, resources);
}

function validatePodLevelName(errors: FieldError[], path: string, name: string): void {
  const before = errors.length;
  validateResourceName(errors, path, name);
  if (errors.length > before || name === 'cpu' || name === 'memory' || isHugePages(name)) return;
  errors.push(notSupported(path, name, POD_LEVEL));
}

function validateContainersFit(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
  { requests, limits }: Requirements,
): void {
  const inAll = (list: string, name: string, mine: string | undefined, sum: string): void => {
    if (mine === undefined || compareAmounts(sum, mine) <= 0) return;
    const rule = `must be greater than or equal to aggregate container ${list} of ${canonicalAmount(sum)}`;
    errors.push(invalid(`${path}.${list}[${name}]`, canonicalAmount(mine), rule));
  };
  for (const [name, sum] of Object.entries(sumOfRequests(spec)))
    inAll('requests', name, requests?.[name], sum);
  for (const [name, sum] of Object.entries(sumOfLimits(spec))) {
    if (isHugePages(name)) inAll('limits', name, limits?.[name], sum);
  }
  spec.containers?.forEach((container, index) => {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const most = limits?.[name];
      if (most === undefined || compareAmounts(limit, most) <= 0) continue;
      const rule = `must be less than or equal to pod limits of ${canonicalAmount(most)}`;
      errors.push(invalid(`${path}.containers[${index}][${name}].limits`, canonicalAmount(limit), rule));
    }
  });
}
