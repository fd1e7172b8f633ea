/** Decides whether an Indexed Job has met `spec.successPolicy` (KEP-3998). Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { SuccessPolicy, SuccessPolicyRule } from '../../apis/batch/index.ts';
import { IntervalSet } from '../../apis/batch/index.ts';

/** The message of the condition when a rule is met, undefined otherwise. The first rule that is met counts. */
export function successPolicyMet(
  policy: DeepReadonly<SuccessPolicy> | undefined,
  completions: number,
  succeeded: IntervalSet,
): string | undefined {
  if (policy === undefined || succeeded.size === 0) return undefined;
  const position = policy.rules.findIndex((rule) => ruleMet(rule, completions, succeeded));
  return position < 0 ? undefined : `Matched rules at index ${position}`;
}

function ruleMet(
  { succeededIndexes, succeededCount }: DeepReadonly<SuccessPolicyRule>,
  completions: number,
  succeeded: IntervalSet,
): boolean {
  if (succeededIndexes === undefined) {
    return succeededCount !== undefined && succeeded.size >= succeededCount;
  }
  const required = IntervalSet.parse(succeededIndexes, completions);
  // A rule whose indexes cannot be read asks for nothing and is passed over.
  if (required.size === 0) return false;
  const common = overlap(required, succeeded);
  return common === required.size || (succeededCount !== undefined && common >= succeededCount);
}

/** How many indexes two sets share; costs the number of their runs. */
function overlap(left: IntervalSet, right: IntervalSet): number {
  const [leftRuns, rightRuns] = [left.intervals(), right.intervals()];
  let [a, b] = [leftRuns.next(), rightRuns.next()];
  let shared = 0;
  while (!a.done && !b.done) {
    const common = Math.min(a.value.last, b.value.last) - Math.max(a.value.first, b.value.first) + 1;
    if (common > 0) shared += common;
    if (a.value.last < b.value.last) a = leftRuns.next();
    else b = rightRuns.next();
  }
  return shared;
}
