/** Rules for `successPolicy`. */
import { type FieldError, invalid, required, tooLong, tooMany } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { checkIndexText } from './index-text.ts';
import { SUCCEEDED_INDEXES_BYTES_MAX, SUCCESS_RULES_MAX } from './job-limits.ts';
import { requireNonnegative } from './nonnegative.ts';
import type { JobSpec, SuccessPolicy, SuccessPolicyRule } from './types.ts';

/** Checks the policy of a Job. */
export function validateSuccessPolicy(spec: DeepReadonly<JobSpec>, path: string): FieldError[] {
  if (spec.completionMode !== 'Indexed') {
    return [invalid(path, shownSuccessPolicy(spec.successPolicy), 'requires indexed completion mode')];
  }
  const rules = spec.successPolicy?.rules ?? [];
  const errors: FieldError[] = [];
  if (rules.length === 0) {
    const why = 'at least one rules must be specified when the successPolicy is specified';
    errors.push(required(`${path}.rules`, why));
  }
  if (rules.length > SUCCESS_RULES_MAX)
    errors.push(tooMany(`${path}.rules`, rules.length, SUCCESS_RULES_MAX));
  for (const [at, rule] of rules.entries()) {
    errors.push(...validateRule(rule, `${path}.rules[${at}]`, spec.completions ?? 0));
  }
  return errors;
}

function validateRule(
  rule: DeepReadonly<SuccessPolicyRule>,
  path: string,
  completions: number,
): FieldError[] {
  const { succeededIndexes, succeededCount } = rule;
  const errors: FieldError[] = [];
  if (succeededCount === undefined && succeededIndexes === undefined) {
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  let named = 0;
  if (succeededIndexes !== undefined) {
    const place = `${path}.succeededIndexes`;
    if (Buffer.byteLength(succeededIndexes) > SUCCEEDED_INDEXES_BYTES_MAX) {
      errors.push(tooLong(place, SUCCEEDED_INDEXES_BYTES_MAX));
    }
    const check = checkIndexText(succeededIndexes, completions);
    if ('count' in check) named = check.count;
    else errors.push(invalid(place, succeededIndexes, `error parsing succeededIndexes: ${check.wrong}`));
  }
  if (succeededCount === undefined) return errors;
  const place = `${path}.succeededCount`;
  const tooGreat = (limit: number, what: string): void => {
    errors.push(
      invalid(place, succeededCount, `must be less than or equal to ${limit} (the number of ${what})`),
    );
  };
  errors.push(...requireNonnegative(succeededCount, place));
  if (succeededCount > completions) tooGreat(completions, 'specified completions');
  if (succeededIndexes !== undefined && succeededCount > named) {
    tooGreat(named, 'indexes in the specified succeededIndexes field');
  }
  return errors;
}

/** The policy as the server's messages show it: under its internal names, with what is not set. */
export function shownSuccessPolicy(policy: DeepReadonly<SuccessPolicy> | undefined): unknown {
  if (policy === undefined) return null;
  const rules = (policy.rules ?? []).map(({ succeededIndexes, succeededCount }) => ({
    SucceededIndexes: succeededIndexes ?? null,
    SucceededCount: succeededCount ?? null,
  }));
  return { Rules: (policy.rules ?? null) === null ? null : rules };
}
