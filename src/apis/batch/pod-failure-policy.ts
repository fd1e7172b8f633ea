/** Rules for `podFailurePolicy`. */

import {
  duplicate,
  type FieldError,
  invalid,
  OMITTED,
  required,
  tooMany,
  unsupported,
} from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { shownList } from '../../apimachinery/schema/index.ts';
import { validateQualifiedName } from '../../apimachinery/validation/index.ts';
import { EXIT_CODES_MAX, FAILURE_RULES_MAX, POD_CONDITIONS_MAX } from './job-limits.ts';
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from './types.ts';

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATUSES = ['False', 'True', 'Unknown'];

/** Checks the policy of a Job. */
export function validatePodFailurePolicy(spec: DeepReadonly<JobSpec>, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const errors: FieldError[] = [];
  if (rules.length > FAILURE_RULES_MAX)
    errors.push(tooMany(`${path}.rules`, rules.length, FAILURE_RULES_MAX));
  const { containers, initContainers } = spec.template.spec ?? {};
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map((each) => each.name));
  for (const [at, rule] of rules.entries())
    errors.push(...validateRule(spec, rule, `${path}.rules[${at}]`, names));
  return errors;
}

function validateRule(
  spec: DeepReadonly<JobSpec>,
  rule: DeepReadonly<PodFailurePolicyRule>,
  path: string,
  containerNames: ReadonlySet<string>,
): FieldError[] {
  const errors = validateAction(spec, rule.action, `${path}.action`);
  const { onExitCodes, onPodConditions = [] } = rule;
  if (onExitCodes !== undefined) {
    errors.push(...validateExitCodes(onExitCodes, `${path}.onExitCodes`, containerNames));
  }
  errors.push(...validatePodConditions(onPodConditions, `${path}.onPodConditions`));
  if (onExitCodes !== undefined && onPodConditions.length > 0) {
    errors.push(invalid(path, OMITTED, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (onExitCodes === undefined && onPodConditions.length === 0) {
    errors.push(invalid(path, OMITTED, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  return errors;
}

function validateAction(spec: DeepReadonly<JobSpec>, action: string, path: string): FieldError[] {
  if (!action) return [required(path, choices(ACTIONS))];
  if (!ACTIONS.includes(action)) return [unsupported(path, action, ACTIONS)];
  return action === 'FailIndex' && spec.backoffLimitPerIndex === undefined
    ? [invalid(path, action, 'requires the backoffLimitPerIndex to be set')]
    : [];
}

function validateExitCodes(
  requirement: DeepReadonly<PodFailurePolicyOnExitCodesRequirement>,
  path: string,
  containerNames: ReadonlySet<string>,
): FieldError[] {
  const { operator, containerName } = requirement;
  // A client may leave out what the type calls required.
  const values = requirement.values ?? [];
  const errors: FieldError[] = [];
  if (!operator) errors.push(required(`${path}.operator`, choices(OPERATORS)));
  else if (!OPERATORS.includes(operator)) errors.push(unsupported(`${path}.operator`, operator, OPERATORS));
  if (containerName !== undefined && !containerNames.has(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(`${path}.containerName`, containerName, why));
  }
  if (values.length === 0) {
    errors.push(invalid(`${path}.values`, requirement.values, 'at least one value is required'));
  } else if (values.length > EXIT_CODES_MAX) {
    errors.push(tooMany(`${path}.values`, values.length, EXIT_CODES_MAX));
  }
  const seen = new Set<number>();
  for (const [at, value] of values.entries()) {
    const place = `${path}.values[${at}]`;
    if (operator === 'In' && value === 0)
      errors.push(invalid(place, value, 'must not be 0 for the In operator'));
    if (seen.has(value)) errors.push(duplicate(place, value));
    seen.add(value);
  }
  if (values.some((value, at) => value < (values[at - 1] ?? value))) {
    errors.push(invalid(`${path}.values`, values, 'must be ordered'));
  }
  return errors;
}

function validatePodConditions(
  patterns: DeepReadonly<PodFailurePolicyOnPodConditionsPattern[]>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (patterns.length > POD_CONDITIONS_MAX) errors.push(tooMany(path, patterns.length, POD_CONDITIONS_MAX));
  for (const [at, { type, status }] of patterns.entries()) {
    const place = `${path}[${at}]`;
    for (const why of validateQualifiedName(type ?? ''))
      errors.push(invalid(`${place}.type`, type ?? '', why));
    if (!status) errors.push(required(`${place}.status`, choices(STATUSES)));
    else if (!STATUSES.includes(status)) errors.push(unsupported(`${place}.status`, status, STATUSES));
  }
  return errors;
}

/** The allowed values in the form of Go's `%q` of a list. */
function choices(values: readonly string[]): string {
  return `valid values: [${values.map((each) => JSON.stringify(each)).join(' ')}]`;
}

/** The policy as the server's messages show it: under its internal names, with what is not set. */
export function shownPodFailurePolicy(policy: DeepReadonly<PodFailurePolicy> | undefined): unknown {
  if (policy === undefined) return null;
  const rules = (policy.rules ?? []).map(({ onExitCodes: codes, ...rule }) => ({
    Action: rule.action,
    OnExitCodes:
      codes === undefined
        ? null
        : {
            ContainerName: codes.containerName ?? null,
            Operator: codes.operator,
            Values: codes.values ?? null,
          },
    OnPodConditions:
      shownList(rule, 'onPodConditions')?.map(({ type, status }) => ({ Type: type, Status: status ?? '' })) ??
      null,
  }));
  // Upstream writes out a list that was given as null, or not at all, as null.
  return { Rules: (policy.rules ?? null) === null ? null : rules };
}
