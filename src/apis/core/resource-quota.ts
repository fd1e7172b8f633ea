import { type FieldError, invalid, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { shownList } from '../../apimachinery/schema/index.ts';
import { roundUpToMilli } from './amounts.ts';
import { validateAmount } from './resource-amounts.ts';
import { isStandardQuotaResource, validateQuotaResourceName } from './resource-names.ts';
import type { ResourceQuota, ResourceQuotaSpec } from './types.ts';

type Amounts = Readonly<Record<string, string>> | undefined;
type Spec = DeepReadonly<ResourceQuotaSpec>;
/** Scopes that select pods by what they are, without a value. */
const PLAIN_SCOPES = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
];
const SCOPES = [...PLAIN_SCOPES, 'PriorityClass', 'VolumeAttributesClass'];
const EXCLUSIVE = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];
const OF_PODS = /^(?:pods|(?:(?:limits|requests)\.)?(?:cpu|memory))$/;
const PLAIN_RULE =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

/** Rounds its amounts. */
export function applyResourceQuotaDefaults(quota: ResourceQuota): void {
  quota.spec ??= {};
  quota.status ??= {};
  for (const amounts of [quota.spec.hard, quota.status.hard, quota.status.used]) {
    for (const name in amounts) amounts[name] = roundUpToMilli(amounts[name] ?? '0');
  }
}

/** Checks what a quota limits. */
export function validateResourceQuota(quota: DeepReadonly<ResourceQuota>): FieldError[] {
  const errors: FieldError[] = [];
  validateAmounts(errors, 'spec.hard', quota.spec.hard);
  validateScopes(errors, 'spec.scopes', quota.spec);
  validateSelector(errors, 'spec.scopeSelector.matchExpressions', quota.spec);
  return errors;
}

/** Checks an update: the scopes stay. */
export function validateResourceQuotaUpdate(
  quota: DeepReadonly<ResourceQuota>,
  old: DeepReadonly<ResourceQuota>,
): FieldError[] {
  const errors = validateResourceQuota(quota);
  const now = new Set(quota.spec.scopes);
  const before = new Set(old.spec.scopes);
  if (now.symmetricDifference(before).size > 0) {
    errors.push(invalid('spec.scopes', shownList(quota.spec, 'scopes'), 'field is immutable'));
  }
  return errors;
}

/** Checks what a controller found used. */
export function validateResourceQuotaStatus(quota: DeepReadonly<ResourceQuota>): FieldError[] {
  const errors: FieldError[] = [];
  validateAmounts(errors, 'status.hard', quota.status.hard);
  validateAmounts(errors, 'status.used', quota.status.used);
  return errors;
}

function validateAmounts(errors: FieldError[], path: string, amounts: Amounts): void {
  for (const name in amounts) {
    validateQuotaResourceName(errors, `${path}[${name}]`, name);
    validateAmount(errors, `${path}[${name}]`, name, amounts[name] ?? '0');
  }
}

/** Whether a scope makes sense for a resource: most select pods, one selects claims. */
function fits(scope: string, name: string): boolean {
  if (scope === 'BestEffort') return name === 'pods';
  if (scope === 'VolumeAttributesClass')
    return name === 'persistentvolumeclaims' || name === 'requests.storage';
  return !SCOPES.includes(scope) || OF_PODS.test(name);
}

function unfit(scope: string, spec: Spec): number {
  return Object.keys(spec.hard ?? {}).filter((name) => isStandardQuotaResource(name) && !fits(scope, name))
    .length;
}

function validateScopes(errors: FieldError[], path: string, spec: Spec): void {
  const scopes = spec.scopes ?? [];
  const wrong = (rule: string): void => void errors.push(invalid(path, scopes, rule));
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) wrong('unsupported scope');
    for (let times = unfit(scope, spec); times > 0; times--) wrong('unsupported scope applied to resource');
  }
  for (const pair of EXCLUSIVE) {
    if (pair.every((each) => (scopes as readonly string[]).includes(each))) wrong('conflicting scopes');
  }
}

function validateSelector(errors: FieldError[], path: string, spec: Spec): void {
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  for (const { scopeName, operator, values = [] } of expressions) {
    if (!SCOPES.includes(scopeName)) {
      errors.push(invalid(`${path}.scopeName`, scopeName, 'unsupported scope'));
    }
    for (let times = unfit(scopeName, spec); times > 0; times--) {
      errors.push(invalid(path, goSelector(expressions), 'unsupported scope applied to resource'));
    }
    if (PLAIN_SCOPES.includes(scopeName) && operator !== 'Exists') {
      errors.push(invalid(`${path}.operator`, operator, PLAIN_RULE));
    }
    validateOperator(errors, path, operator, values);
  }
  const names: readonly string[] = expressions.map((each) => each.scopeName);
  for (const pair of EXCLUSIVE) {
    if (pair.every((each) => names.includes(each))) {
      errors.push(invalid(path, shownList(spec, 'scopes'), 'conflicting scopes'));
    }
  }
}

function validateOperator(
  errors: FieldError[],
  path: string,
  operator: string,
  values: readonly string[],
): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length > 0) return;
    const rule = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    errors.push(required(`${path}.values`, rule));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length === 0) return;
    const rule = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    errors.push(invalid(`${path}.values`, values, rule));
  } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
}

function goSelector(
  expressions: NonNullable<NonNullable<Spec['scopeSelector']>['matchExpressions']>,
): object {
  return {
    MatchExpressions: expressions.map((each) => ({
      ScopeName: each.scopeName,
      Operator: each.operator,
      Values: shownList(each, 'values'),
    })),
  };
}
