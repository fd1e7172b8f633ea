/** Rules for when a container alone is restarted, and how it takes a resize. */
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { allowOneOf } from '../../report.ts';
import type { Container, ContainerResizePolicy, ContainerRestartRule } from '../../types.ts';

const POLICIES = ['Always', 'Never', 'OnFailure'];
const ACTIONS = ['Restart', 'RestartAllContainers'];
const OPERATORS = ['In', 'NotIn'];
const RESIZED_RESOURCES = ['cpu', 'memory'];
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer'];
/** Rules a container (KEP-5307). */
const RULES_MAX = 20;
/** Exit codes a rule: every one there is but zero. */
const EXIT_CODES_MAX = 255;

/**
 * Checks a container's own restart policy and the rules that go with it. Rules without a policy are an error; for an init
 * container (`init`) they are then not looked at any further.
 */
export function validateRestartRules(
  errors: FieldError[],
  path: string,
  container: DeepReadonly<Container>,
  init: boolean,
): void {
  const { restartPolicy, restartPolicyRules } = container;
  if (restartPolicy == null) {
    if (!restartPolicyRules?.length) return;
    errors.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
    if (init) return;
  }
  allowOneOf(errors, `${path}.restartPolicy`, restartPolicy, POLICIES);
  const rules = restartPolicyRules ?? [];
  if (rules.length > RULES_MAX) {
    errors.push(tooMany(`${path}.restartPolicyRules`, rules.length, RULES_MAX));
  }
  rules.forEach((rule, index) => {
    validateRule(errors, `${path}.restartPolicyRules[${index}]`, rule);
  });
}

function validateRule(errors: FieldError[], path: string, rule: DeepReadonly<ContainerRestartRule>): void {
  if (!ACTIONS.includes(rule.action)) errors.push(notSupported(`${path}.action`, rule.action ?? '', ACTIONS));
  const codes = rule.exitCodes;
  if (!codes) {
    errors.push(required(`${path}.exitCodes`, 'must be specified'));
    return;
  }
  if (!OPERATORS.includes(codes.operator)) {
    errors.push(notSupported(`${path}.exitCodes.operator`, codes.operator ?? '', OPERATORS));
  }
  const count = codes.values?.length ?? 0;
  if (count > EXIT_CODES_MAX) errors.push(tooMany(`${path}.exitCodes.values`, count, EXIT_CODES_MAX));
}

/** Checks what happens to a container when its resources change. */
export function validateResizePolicy(
  errors: FieldError[],
  path: string,
  policies: DeepReadonly<ContainerResizePolicy[]> | undefined,
  podRestartPolicy: string | undefined,
): void {
  if (!policies) return;
  const seen = new Set<string>();
  policies.forEach((policy, index) => {
    if (seen.has(policy.resourceName)) errors.push(duplicate(`${path}[${index}]`, policy.resourceName));
    seen.add(policy.resourceName);
    requireIn(errors, path, policy.resourceName, RESIZED_RESOURCES);
    requireIn(errors, path, policy.restartPolicy, RESIZE_POLICIES);
    if (podRestartPolicy === 'Never' && policy.restartPolicy !== 'NotRequired') {
      errors.push(
        invalid(path, policy.restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"),
      );
    }
  });
}

function requireIn(errors: FieldError[], path: string, value: string, allowed: readonly string[]): void {
  if (!value) errors.push(required(path));
  else if (!allowed.includes(value)) errors.push(notSupported(path, value, allowed));
}
