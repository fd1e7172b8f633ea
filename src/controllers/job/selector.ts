/** Reads a Job's selector. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../apimachinery/meta/types.ts';

/** Says whether labels match. */
export type Claim = (labels: Readonly<Record<string, string>>) => boolean;

/** The test that a label selector stands for. A Job without selector claims nothing. */
export function claimOf(selector: DeepReadonly<LabelSelector> | undefined): Claim {
  if (selector === undefined) return () => false;
  const equal = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  return (labels) =>
    equal.every(([key, value]) => labels[key] === value) &&
    expressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      if (operator === 'In') return value !== undefined && values.includes(value);
      return value === undefined || !values.includes(value);
    });
}
