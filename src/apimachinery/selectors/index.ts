/**
 * Label selectors and field selectors: their syntax as URL parameters, LabelSelector objects, matching and display.
 * Everything is immutable; what cannot be parsed is thrown as the 400 that upstream answers. Which fields a kind lets
 * be selected is not known here.
 */
export {
  escapeFieldValue,
  FieldMatcher,
  type FieldRequirement,
  parseFieldSelector,
} from './field-selector.ts';
export {
  formatLabelSelector,
  type LabelMatcher,
  labelMatcherOf,
  labelMatcherOfSet,
  labelSelectorMatches,
} from './label-selector.ts';
export { parseLabelSelector } from './parse-label-selector.ts';
export type { LabelOperator, LabelRequirement, Labels } from './requirement.ts';
export { shownSelector } from './shown-selector.ts';
