import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  labelMatcherOf,
  parseFieldSelector,
  parseLabelSelector,
} from '../../apimachinery/selectors/index.ts';
import type { ResourceAttributes } from './types.ts';

/**
 * What the status of a review says of selectors that cannot be read: they do not count, so that more is asked for than was
 * meant. Empty when all can be read. Worded as upstream's BuildEvaluationError.
 */
export function selectorFaults(attributes: DeepReadonly<ResourceAttributes> | undefined): string {
  const { fieldSelector, labelSelector } = attributes ?? {};
  const fields = fieldSelector?.requirements ?? [];
  const labels = labelSelector?.requirements ?? [];
  return [
    fault('fieldSelector', fields, isReadableField, fieldSelector?.rawSelector, parseFieldSelector),
    fault('labelSelector', labels, isReadableLabel, labelSelector?.rawSelector, parseLabelSelector),
  ]
    .filter((text) => text !== '')
    .join('; ');
}

interface Requirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[] | null;
}

function fault(
  name: string,
  requirements: readonly Requirement[],
  isReadable: (requirement: Requirement) => boolean,
  raw: string | undefined,
  parse: (text: string) => unknown,
): string {
  const readable = requirements.filter(isReadable).length;
  const all = requirements.length === 0 ? parses(parse, raw ?? '') : readable === requirements.length;
  if (all) return '';
  const extent = readable > 0 ? 'partially ignored' : 'ignored';
  return `spec.resourceAttributes.${name} ${extent} due to parse error`;
}

function parses(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Fields can be compared with one value alone. */
function isReadableField({ operator = '', values }: Requirement): boolean {
  return ['In', 'NotIn'].includes(operator) && values?.length === 1;
}

function isReadableLabel({ key = '', operator = '', values }: Requirement): boolean {
  return parses(
    () => labelMatcherOf({ matchExpressions: [{ key, operator, values: [...(values ?? [])] }] }),
    '',
  );
}
