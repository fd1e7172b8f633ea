import { duplicate, type FieldError, forbidden, invalid, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import { validateQualifiedName } from '../../apimachinery/validation/index.ts';
import { canonicalAmount, compareAmounts, roundUpToMilli } from './amounts.ts';
import { reportEach } from './report.ts';
import { mayOvercommit, validateContainerResourceName, validateResourceName } from './resource-names.ts';
import type { LimitRange, LimitRangeItem } from './types.ts';

type Item = DeepReadonly<LimitRangeItem>;
const TYPES: ReadonlySet<string> = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);
const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

/** Fills in the defaults that follow from each other: the limit from the maximum, the request from the limit or the minimum. */
export function applyLimitRangeDefaults(range: LimitRange): void {
  range.spec ??= { limits: [] };
  for (const item of range.spec.limits ?? []) {
    if (item.type === 'Container') {
      const limits = { ...item.max, ...item.default };
      const requests = { ...item.min, ...limits, ...item.defaultRequest };
      if (Object.keys(limits).length > 0) item.default = limits;
      if (Object.keys(requests).length > 0) item.defaultRequest = requests;
    }
    for (const list of LISTS) {
      const amounts = item[list];
      for (const name in amounts) amounts[name] = roundUpToMilli(amounts[name] ?? '0');
    }
  }
}

/** Checks a limit range: that its names are resources and its amounts in order. */
export function validateLimitRange(range: DeepReadonly<LimitRange>): FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  range.spec.limits?.forEach((item, index) => {
    const path = `spec.limits[${index}]`;
    validateType(errors, `${path}.type`, item.type);
    if (types.has(item.type)) errors.push(duplicate(`${path}.type`, item.type));
    types.add(item.type);
    validateNames(errors, path, item);
    const names = new Set(LISTS.flatMap((list) => Object.keys(item[list] ?? {})));
    for (const name of names) validateOrder(errors, path, item, name);
  });
  return errors;
}

function validateType(errors: FieldError[], path: string, type: string): void {
  const wrongs = validateQualifiedName(type ?? '');
  reportEach(errors, path, type ?? '', wrongs);
  if (wrongs.length === 0 && !type.includes('/') && !TYPES.has(type)) {
    errors.push(invalid(path, type, 'must be a standard limit type or fully qualified'));
  }
}

function validateNames(errors: FieldError[], path: string, item: Item): void {
  const ofContainers = item.type === 'Pod' || item.type === 'Container';
  const rule = ofContainers ? validateContainerResourceName : validateResourceName;
  for (const list of LISTS) {
    const amounts = item[list];
    if (item.type === 'Pod' && (list === 'default' || list === 'defaultRequest')) {
      if (amounts && Object.keys(amounts).length > 0) {
        errors.push(forbidden(`${path}.${list}`, "may not be specified when `type` is 'Pod'"));
      }
      continue;
    }
    for (const name in amounts) rule(errors, `${path}.${list}[${name}]`, name);
  }
  if (item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
    const text = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(required(`${path}.limits`, text));
  }
}

/** min ≤ default request ≤ default limit ≤ max. Which of two amounts is shown is upstream's choice. */
function validateOrder(errors: FieldError[], path: string, item: Item, name: string): void {
  const min = item.min?.[name];
  const max = item.max?.[name];
  const isPod = item.type === 'Pod';
  const limit = isPod ? undefined : item.default?.[name];
  const request = isPod ? undefined : item.defaultRequest?.[name];
  const over = (a: string | undefined, b: string | undefined): boolean =>
    a !== undefined && b !== undefined && compareAmounts(a, b) > 0;
  const text = (amount: string | undefined): string => canonicalAmount(amount ?? '0');
  const wrong = (list: string, shown: string | undefined, rule: string): void => {
    errors.push(invalid(`${path}.${list}[${name}]`, text(shown), rule));
  };
  if (over(min, max)) wrong('min', min, `min value ${text(min)} is greater than max value ${text(max)}`);
  if (over(min, request)) {
    wrong(
      'defaultRequest',
      request,
      `min value ${text(min)} is greater than default request value ${text(request)}`,
    );
  }
  if (over(request, max)) {
    wrong(
      'defaultRequest',
      request,
      `default request value ${text(request)} is greater than max value ${text(max)}`,
    );
  }
  if (over(request, limit)) {
    const rule = `default request value ${text(request)} is greater than default limit value ${text(limit)}`;
    wrong('defaultRequest', request, rule);
  }
  if (over(min, limit)) {
    wrong('default', min, `min value ${text(min)} is greater than default value ${text(limit)}`);
  }
  if (over(limit, max)) {
    wrong('default', max, `default value ${text(limit)} is greater than max value ${text(max)}`);
  }
  validateRatio(errors, `${path}.maxLimitRequestRatio[${name}]`, item.maxLimitRequestRatio?.[name], min, max);
  if (
    !mayOvercommit(name) &&
    limit !== undefined &&
    request !== undefined &&
    compareAmounts(limit, request) !== 0
  ) {
    const rule = `default value ${text(limit)} must equal to defaultRequest value ${text(request)} in ${name}`;
    wrong('defaultRequest', request, rule);
  }
}

function validateRatio(
  errors: FieldError[],
  path: string,
  ratio: string | undefined,
  min: string | undefined,
  max: string | undefined,
): void {
  if (ratio === undefined) return;
  const shown = canonicalAmount(ratio);
  if (compareAmounts(ratio, '1') < 0) errors.push(invalid(path, shown, `ratio ${shown} is less than 1`));
  if (min === undefined || max === undefined) return;
  const widest = parseQuantity(max).milliValue() / parseQuantity(min).milliValue();
  if (parseQuantity(ratio).milliValue() / 1000 > widest) {
    errors.push(invalid(path, shown, `ratio ${shown} is greater than max/min = ${widest.toFixed(6)}`));
  }
}
