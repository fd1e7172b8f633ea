/** Selectors of the scheduling API, made into functions once so that matching a node or a pod costs little. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../apimachinery/meta/types.ts';
import type { NodeSelectorTerm } from './types.ts';

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;
/** Whether labels are selected. */
export type LabelMatch = (labels: Labels) => boolean;

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** A label selector; an absent one selects nothing, an empty one everything. `more` are labels that must be equal as well. */
export function labelMatch(selector: DeepReadonly<LabelSelector> | undefined, more: Labels = {}): LabelMatch {
  if (selector === undefined) return () => false;
  const equal = Object.entries({ ...selector.matchLabels, ...more });
  const requirements = (selector.matchExpressions ?? []).map(requirementMatch);
  return (labels) =>
    equal.every(([key, value]) => labels[key] === value) && requirements.every((matches) => matches(labels));
}

/** A node selector's term over a node's labels and its name; a term without requirements selects nothing. */
export function nodeTermMatch(
  term: DeepReadonly<NodeSelectorTerm>,
): (labels: Labels, nodeName: string) => boolean {
  const expressions = (term.matchExpressions ?? []).map(requirementMatch);
  const fields = (term.matchFields ?? []).map(requirementMatch);
  if (expressions.length + fields.length === 0) return () => false;
  return (labels, nodeName) =>
    expressions.every((matches) => matches(labels)) &&
    fields.every((matches) => matches({ 'metadata.name': nodeName }));
}

function requirementMatch({ key, operator, values = [] }: Requirement): LabelMatch {
  switch (operator) {
    case 'In':
      return (labels) => {
        const value = labels[key];
        return value !== undefined && values.includes(value);
      };
    case 'NotIn':
      return (labels) => {
        const value = labels[key];
        return value === undefined || !values.includes(value);
      };
    case 'Exists':
      return (labels) => labels[key] !== undefined;
    case 'DoesNotExist':
      return (labels) => labels[key] === undefined;
    case 'Gt':
      return (labels) => compared(labels[key], values[0], (label, bound) => label > bound);
    case 'Lt':
      return (labels) => compared(labels[key], values[0], (label, bound) => label < bound);
    default:
      // Validation lets no other operator in; upstream, too, takes one that it cannot read as selecting nothing.
      return () => false;
  }
}

function compared(
  label: string | undefined,
  bound: string | undefined,
  holds: (label: bigint, bound: bigint) => boolean,
): boolean {
  if (label === undefined || bound === undefined || !isInteger(label) || !isInteger(bound)) return false;
  return holds(toInteger(label), toInteger(bound));
}

function isInteger(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

/** BigInt takes no plus sign. */
function toInteger(text: string): bigint {
  return BigInt(text.replace('+', ''));
}
