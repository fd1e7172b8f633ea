import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts';
import type { DeepReadonly } from '../meta/object.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../meta/types.ts';
import { byteLength, validateLabelValue, validateQualifiedName } from './names.ts';

/** Bytes that all annotations of an object may take, keys and values together. */
const ANNOTATIONS_SIZE_MAX = 256 * 1024;

/**
 * Errors after which a map is looked at no further: more than the answer has room to tell, and few enough to be passed on
 * as arguments of one call.
 */
const ERRORS_MAX = 5000;

type StringMap = Readonly<Record<string, string>>;

/** A label key at `path`. */
export function validateLabelName(key: string, path: string): FieldError[] {
  return validateQualifiedName(key).map((wrong) => invalid(path, key, wrong));
}

/** A set of labels. */
export function validateLabels(labels: StringMap | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key in labels) {
    if (errors.length >= ERRORS_MAX) break;
    const value = labels[key] ?? '';
    for (const wrong of validateQualifiedName(key)) errors.push(invalid(path, key, wrong));
    for (const wrong of validateLabelValue(value)) errors.push(invalid(path, value, wrong));
  }
  return errors;
}

/** A set of annotations: keys as of labels but in any case, and {@link ANNOTATIONS_SIZE_MAX}. */
export function validateAnnotations(annotations: StringMap | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const key in annotations) {
    if (errors.length < ERRORS_MAX) {
      for (const wrong of validateQualifiedName(key.toLowerCase())) errors.push(invalid(path, key, wrong));
    }
    size += byteLength(key) + byteLength(annotations[key] ?? '');
  }
  if (size > ANNOTATIONS_SIZE_MAX) errors.push(tooLong(path, ANNOTATIONS_SIZE_MAX));
  return errors;
}

/** What {@link validateLabelSelector} lets pass for the sake of objects stored under older rules. */
export interface LabelSelectorRules {
  /** Values of matchExpressions that could be no label's. */
  readonly anyLabelValue?: boolean;
  /** Operators that nobody knows, where a review asks about them. */
  readonly anyOperator?: boolean;
}

/** A label selector as a field of an object. */
export function validateLabelSelector(
  selector: DeepReadonly<LabelSelector> | undefined,
  path: string,
  rules: LabelSelectorRules = {},
): FieldError[] {
  if (selector === undefined) return [];
  const errors = validateLabels(selector.matchLabels, `${path}.matchLabels`);
  for (const [index, requirement] of (selector.matchExpressions ?? []).entries()) {
    errors.push(
      ...validateLabelSelectorRequirement(requirement, `${path}.matchExpressions[${index}]`, rules),
    );
  }
  return errors;
}

/** Whether a requirement of a selector, of labels or of fields, has values where its operator wants them, and only there. */
export function validateRequirementValues(
  { operator, values }: DeepReadonly<LabelSelectorRequirement>,
  path: string,
  { anyOperator = false }: Pick<LabelSelectorRules, 'anyOperator'> = {},
): FieldError[] {
  const given = values?.length ?? 0;
  if (operator === 'In' || operator === 'NotIn') {
    const why = "must be specified when `operator` is 'In' or 'NotIn'";
    return given === 0 ? [required(`${path}.values`, why)] : [];
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    return given > 0 ? [forbidden(`${path}.values`, why)] : [];
  }
  return anyOperator ? [] : [invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator')];
}

/** One requirement of a label selector. */
export function validateLabelSelectorRequirement(
  requirement: DeepReadonly<LabelSelectorRequirement>,
  path: string,
  rules: LabelSelectorRules = {},
): FieldError[] {
  const { key } = requirement;
  const values = requirement.values ?? [];
  const errors = validateRequirementValues(requirement, path, rules);
  errors.push(...validateLabelName(key ?? '', `${path}.key`));
  if (rules.anyLabelValue) return errors;
  for (const [index, value] of values.entries()) {
    for (const wrong of validateLabelValue(value)) {
      errors.push(invalid(`${path}.values[${index}]`, value, wrong));
    }
  }
  return errors;
}
