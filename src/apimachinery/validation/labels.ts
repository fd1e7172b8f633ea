/** Rules for labels, annotations and label selectors, answered as field errors. */
import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts';
import type { DeepReadonly } from '../meta/object.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../meta/types.ts';
import { byteLength } from './messages.ts';
import { validateLabelValue, validateQualifiedName } from './names.ts';

/** All annotations of an object together, keys and values, bytes: 256 KiB. */
const ANNOTATIONS_BYTES_MAX = 256 * 1024;

type Texts = Readonly<Record<string, string>>;

/** The key of a label. */
export function validateLabelName(key: string, field: string): readonly FieldError[] {
  return validateQualifiedName(key).map((wrong) => invalid(field, key, wrong));
}

/** Keys and values of labels. */
export function validateLabels(labels: Texts | undefined, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const key in labels) {
    const value = labels[key] ?? '';
    for (const wrong of validateQualifiedName(key)) errors.push(invalid(field, key, wrong));
    for (const wrong of validateLabelValue(value)) errors.push(invalid(field, value, wrong));
  }
  return errors;
}

/** Keys of annotations, in any case of letters, and their size together. */
export function validateAnnotations(annotations: Texts | undefined, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const key in annotations) {
    for (const wrong of validateQualifiedName(key.toLowerCase())) errors.push(invalid(field, key, wrong));
    bytes += byteLength(key) + byteLength(annotations[key] ?? '');
  }
  if (bytes > ANNOTATIONS_BYTES_MAX) errors.push(tooLong(field, ANNOTATIONS_BYTES_MAX));
  return errors;
}

/** What an update may leave as an older server accepted it. */
export interface LabelSelectorRules {
  /** Values are not checked. Default false. */
  readonly anyLabelValue?: boolean;
  /** Operators are not checked. Default false. */
  readonly anyOperator?: boolean;
}

/** A label selector of an object's spec; an absent one has no errors. */
export function validateLabelSelector(
  selector: DeepReadonly<LabelSelector> | undefined,
  field: string,
  rules: LabelSelectorRules = {},
): readonly FieldError[] {
  if (selector === undefined) return [];
  const errors = [...validateLabels(selector.matchLabels, `${field}.matchLabels`)];
  selector.matchExpressions?.forEach((requirement, index) => {
    errors.push(...validateRequirement(requirement, `${field}.matchExpressions[${index}]`, rules));
  });
  return errors;
}

function validateRequirement(
  { key, operator, values = [] }: DeepReadonly<LabelSelectorRequirement>,
  field: string,
  rules: LabelSelectorRules,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      errors.push(forbidden(`${field}.values`, why));
    }
  } else if (rules.anyOperator !== true) {
    errors.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'));
  }
  errors.push(...validateLabelName(key, `${field}.key`));
  if (rules.anyLabelValue !== true) {
    values.forEach((value, index) => {
      for (const wrong of validateLabelValue(value))
        errors.push(invalid(`${field}.values[${index}]`, value, wrong));
    });
  }
  return errors;
}
