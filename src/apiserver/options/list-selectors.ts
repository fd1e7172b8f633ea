import {
  type FieldMatcher,
  type LabelMatcher,
  parseFieldSelector,
  parseLabelSelector,
} from '../../apimachinery/selectors/index.ts';
import { integerParameter, type Parameters } from './parameters.ts';

/** What a list or a watch is to choose by. */
export interface ListSelectors {
  readonly labels: LabelMatcher;
  readonly fields: FieldMatcher;
}

/**
 * Reads what a list or a watch is asked with, and answers its selectors. Throws the 400 of what cannot be read: upstream's
 * decoder goes through all of it, in this order, before anything is checked.
 */
export function readListParameters(parameters: Parameters): ListSelectors {
  const { labelSelector = '', fieldSelector = '' } = parameters;
  for (const name of ['timeoutSeconds', 'limit']) integerParameter(parameters, name);
  return { labels: parseLabelSelector(labelSelector), fields: parseFieldSelector(fieldSelector) };
}
