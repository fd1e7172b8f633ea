import { type FieldError, forbidden, invalid } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../../../apimachinery/meta/types.ts';
import { validateLabelName } from '../../../../apimachinery/validation/index.ts';

type Selector = DeepReadonly<LabelSelector> | undefined;
type Keys = readonly string[] | undefined;

/**
 * Checks label keys whose values are taken from the pod itself (KEP-3633): they need a selector to be merged into, and
 * may not be there already. By the time of validation the server has merged them, so a key counts as doubled only when
 * it stands before its own merged requirement.
 */
export function validateMatchLabelKeys(
  errors: FieldError[],
  path: string,
  match: Keys,
  mismatch: Keys,
  selector: Selector,
): void {
  validateKeys(errors, `${path}.matchLabelKeys`, match, selector);
  validateKeys(errors, `${path}.mismatchLabelKeys`, mismatch, selector);
  if (match && selector) {
    const present = new Set(Object.keys(selector.matchLabels ?? {}));
    for (const { key } of selector.matchExpressions ?? []) {
      const index = match.lastIndexOf(key);
      if (index >= 0 && present.has(key)) {
        errors.push(invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'));
      }
      present.add(key);
    }
  }
  match?.forEach((key, index) => {
    if (mismatch?.includes(key)) {
      const rule = 'exists in both matchLabelKeys and mismatchLabelKeys';
      errors.push(invalid(`${path}.matchLabelKeys[${index}]`, key, rule));
    }
  });
}

function validateKeys(errors: FieldError[], path: string, keys: Keys, selector: Selector): void {
  if (!keys?.length) return;
  if (!selector) {
    errors.push(forbidden(path, 'must not be specified when labelSelector is not set'));
    return;
  }
  keys.forEach((key, index) => {
    errors.push(...validateLabelName(key, `${path}[${index}]`));
  });
}

/** The rule as it was before the keys were merged into the selector, for objects stored then. */
export function validateUnmergedMatchLabelKeys(
  errors: FieldError[],
  path: string,
  match: Keys,
  selector: Selector,
): void {
  if (!match?.length) return;
  if (!selector) errors.push(forbidden(path, 'must not be specified when labelSelector is not set'));
  const present = new Set(Object.keys(selector?.matchLabels ?? {}));
  for (const { key } of selector?.matchExpressions ?? []) present.add(key);
  match.forEach((key, index) => {
    errors.push(...validateLabelName(key, `${path}[${index}]`));
    if (present.has(key)) {
      errors.push(invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'));
    }
  });
}
