/** Defaults and rules of pod disruption budgets. */
import { type FieldError, invalid, unsupported } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { shownSelector } from '../../apimachinery/selectors/index.ts';
import {
  validateConditions,
  validateLabelSelector,
  validateNonNegative,
  validatePercent,
} from '../../apimachinery/validation/index.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from './types.ts';

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

/** Checks a budget, new or changed. */
export function validateDisruptionBudget({ spec }: DeepReadonly<PodDisruptionBudget>): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(invalid('spec', shownSpec(spec), 'minAvailable and maxUnavailable cannot be both set'));
  }
  errors.push(...validateAmount(minAvailable, 'spec.minAvailable'));
  errors.push(...validateAmount(maxUnavailable, 'spec.maxUnavailable'));
  if (selector !== undefined) errors.push(...validateLabelSelector(selector, 'spec.selector'));
  if (unhealthyPodEvictionPolicy !== undefined && !EVICTION_POLICIES.includes(unhealthyPodEvictionPolicy)) {
    errors.push(
      unsupported('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, EVICTION_POLICIES),
    );
  }
  return errors;
}

/** The spec under its internal names, as the server's messages show it. */
function shownSpec(spec: DeepReadonly<PodDisruptionBudgetSpec>): unknown {
  return {
    MinAvailable: spec.minAvailable ?? null,
    Selector: spec.selector === undefined ? null : shownSelector(spec.selector),
    MaxUnavailable: spec.maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
  };
}

function validateAmount(amount: number | string | undefined, path: string): FieldError[] {
  if (amount === undefined) return [];
  if (typeof amount === 'number') return validateNonNegative(amount, path);
  const errors = validatePercent(amount).map((why) => invalid(path, amount, why));
  if (errors.length === 0 && Number(amount.slice(0, -1)) > 100) {
    errors.push(invalid(path, amount, 'must not be greater than 100%'));
  }
  return errors;
}

/** Checks the counts of a new status. */
export function validateDisruptionBudgetStatus(
  status: DeepReadonly<PodDisruptionBudgetStatus>,
): FieldError[] {
  const names = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
  return [
    ...validateConditions(status.conditions, 'status.conditions'),
    ...names.flatMap((name) => validateNonNegative(status[name] ?? 0, `status.${name}`)),
  ];
}
