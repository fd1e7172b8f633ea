/** Rules for spreading pods over zones, nodes and the like. */
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
} from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { validateLabelSelector } from '../../../../apimachinery/validation/index.ts';
import type { TopologySpreadConstraint } from '../../types.ts';
import type { PodValidationOptions } from '../validation-options.ts';
import { validateMatchLabelKeys, validateUnmergedMatchLabelKeys } from './match-label-keys.ts';

type Constraints = DeepReadonly<TopologySpreadConstraint[]> | undefined;
const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];
const NODE_POLICIES = ['Honor', 'Ignore'];
const POSITIVE = 'must be greater than zero';

/** Checks spread constraints one by one and against each other. */
export function validateTopologySpread(
  errors: FieldError[],
  path: string,
  constraints: Constraints,
  options: PodValidationOptions,
): void {
  const last = new Map(constraints?.map((constraint, index) => [pairOf(constraint), index]));
  constraints?.forEach((constraint, index) => {
    const at = `${path}[${index}]`;
    validateConstraint(errors, at, constraint);
    const { topologyKey, whenUnsatisfiable } = constraint;
    if (last.get(pairOf(constraint)) !== index) {
      errors.push(
        duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`),
      );
    }
    validateDetails(errors, at, constraint);
    const { matchLabelKeys, labelSelector } = constraint;
    if (options.legacySpreadMatchLabelKeys) {
      validateUnmergedMatchLabelKeys(errors, `${at}.matchLabelKeys`, matchLabelKeys, labelSelector);
    } else {
      validateMatchLabelKeys(errors, at, matchLabelKeys, undefined, labelSelector);
    }
    if (!options.anySpreadSelector && labelSelector) {
      errors.push(...validateLabelSelector(labelSelector, `${at}.labelSelector`));
    }
  });
}

/** What no two constraints may have alike. */
const pairOf = ({ topologyKey, whenUnsatisfiable }: DeepReadonly<TopologySpreadConstraint>): string =>
  JSON.stringify([topologyKey, whenUnsatisfiable]);

function validateConstraint(
  errors: FieldError[],
  path: string,
  constraint: DeepReadonly<TopologySpreadConstraint>,
): void {
  const skew = constraint.maxSkew ?? 0;
  if (skew <= 0) errors.push(invalid(`${path}.maxSkew`, skew, POSITIVE));
  if (!constraint.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  const action: string = constraint.whenUnsatisfiable ?? '';
  if (!ACTIONS.includes(action)) errors.push(notSupported(`${path}.whenUnsatisfiable`, action, ACTIONS));
}

function validateDetails(
  errors: FieldError[],
  path: string,
  constraint: DeepReadonly<TopologySpreadConstraint>,
): void {
  const { minDomains, whenUnsatisfiable } = constraint;
  if (minDomains != null) {
    if (minDomains <= 0) errors.push(invalid(`${path}.minDomains`, minDomains, POSITIVE));
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const rule = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(invalid(`${path}.minDomains`, minDomains, rule));
    }
  }
  for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy: string | undefined = constraint[field];
    if (policy != null && !NODE_POLICIES.includes(policy)) {
      errors.push(notSupported(`${path}.${field}`, policy, NODE_POLICIES));
    }
  }
}

/** Whether stored constraints select pods by labels that break today's rules. */
export function breaksSpreadSelector(constraints: Constraints): boolean {
  return (constraints ?? []).some(
    ({ labelSelector }) => labelSelector && validateLabelSelector(labelSelector, '').length > 0,
  );
}

/** Whether stored constraints have label keys that break today's rules. */
export function breaksSpreadMatchLabelKeys(constraints: Constraints): boolean {
  const errors: FieldError[] = [];
  for (const { matchLabelKeys, labelSelector } of constraints ?? []) {
    validateMatchLabelKeys(errors, '', matchLabelKeys, undefined, labelSelector);
  }
  return errors.length > 0;
}
