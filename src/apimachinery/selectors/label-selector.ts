import type { DeepReadonly } from '../meta/object.ts';
import type { LabelSelector } from '../meta/types.ts';
import { newBadRequest } from '../status-error.ts';
import {
  type LabelOperator,
  type LabelRequirement,
  type Labels,
  meets,
  requirementErrors,
  requirementText,
} from './requirement.ts';

/** A set of requirements that labels meet or not; immutable. */
export class LabelMatcher {
  /** Sorted by key, so that equal selectors read the same. Undefined: nothing matches. */
  readonly requirements: readonly LabelRequirement[] | undefined;

  constructor(requirements: readonly LabelRequirement[] | undefined) {
    this.requirements = requirements && [...requirements].sort(byKey);
  }

  /** Whether labels meet every requirement. */
  matches(labels: Labels): boolean {
    if (this.requirements === undefined) return false;
    for (const requirement of this.requirements) if (!meets(labels, requirement)) return false;
    return true;
  }

  /** Whether any labels match. */
  isEmpty(): boolean {
    return this.requirements !== undefined && this.requirements.length === 0;
  }

  /** The one value that a label must have, when the selector demands one. */
  exactValue(key: string): string | undefined {
    const found = this.requirements?.find((requirement) => requirement.key === key);
    if (found === undefined || found.values.length !== 1) return undefined;
    return ['=', '==', 'in'].includes(found.operator) ? found.values[0] : undefined;
  }

  /** The selector in the syntax that {@link parseLabelSelector} reads. */
  toString(): string {
    return (this.requirements ?? []).map(requirementText).join(',');
  }
}

/** Matches any labels. */
export const EVERYTHING = new LabelMatcher([]);
/** Matches no labels. */
const NOTHING = new LabelMatcher(undefined);

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

const compiled = new WeakMap<object, LabelMatcher>();

/**
 * The matcher for a LabelSelector object: an absent one matches nothing, an empty one everything. Throws 400 for one that
 * validation would have refused. Remembers its answer for the object, which therefore must not change.
 */
export function labelMatcherOf(selector: DeepReadonly<LabelSelector> | undefined | null): LabelMatcher {
  if (selector === undefined || selector === null) return NOTHING;
  let matcher = compiled.get(selector);
  if (matcher === undefined) {
    matcher = compile(selector);
    compiled.set(selector, matcher);
  }
  return matcher;
}

function compile(selector: DeepReadonly<LabelSelector>): LabelMatcher {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(matchLabels)) {
    requirements.push({ key, operator: '=', values: [value] });
  }
  for (const { key, operator, values = [] } of matchExpressions) {
    const known = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    if (known === undefined) {
      throw newBadRequest(`${JSON.stringify(operator)} is not a valid label selector operator`);
    }
    requirements.push({ key, operator: known, values });
  }
  if (requirements.length === 0) return EVERYTHING;
  for (const requirement of requirements) {
    const errors = requirementErrors(requirement).map(String);
    if (errors.length > 0) throw newBadRequest(aggregated(errors));
  }
  return new LabelMatcher(requirements);
}

/** Whether a LabelSelector object selects labels. Shorthand for {@link labelMatcherOf}. */
export function labelSelectorMatches(
  selector: DeepReadonly<LabelSelector> | undefined | null,
  labels: Labels,
): boolean {
  return labelMatcherOf(selector).matches(labels);
}

/** The matcher that demands exactly these labels and allows more. Undefined or empty: everything matches. */
export function labelMatcherOfSet(labels: Labels): LabelMatcher {
  return new LabelMatcher(
    Object.entries(labels ?? {}).map(
      ([key, value]): LabelRequirement => ({
        key,
        operator: '=',
        values: [value],
      }),
    ),
  );
}

/** A LabelSelector object in the syntax of selectors, as `kubectl describe` shows it; `<none>` for none. */
export function formatLabelSelector(selector: DeepReadonly<LabelSelector> | undefined): string {
  const text = labelMatcherOf(selector).toString();
  return text === '' ? '<none>' : text;
}

/** Several errors as Go's aggregate prints them. */
export function aggregated(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
}

function byKey(a: LabelRequirement, b: LabelRequirement): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
