/** Rules for what a pod wants of its node and of its neighbours. */
import { type FieldError, forbidden, invalid, required } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import {
  validateDns1123Label,
  validateDns1123Subdomain,
  validateLabelName,
  validateLabelSelector,
  validateLabelValue,
} from '../../../../apimachinery/validation/index.ts';
import { reportEach } from '../../report.ts';
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
} from '../../types.ts';
import type { PodValidationOptions } from '../validation-options.ts';
import { validateMatchLabelKeys } from './match-label-keys.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const NOT_AN_OPERATOR = 'not a valid selector operator';

/** Checks an affinity of all three kinds. */
export function validateAffinity(
  errors: FieldError[],
  path: string,
  affinity: DeepReadonly<Affinity> | undefined,
  options: PodValidationOptions,
): void {
  if (!affinity) return;
  const { nodeAffinity } = affinity;
  if (nodeAffinity) {
    const at = `${path}.nodeAffinity`;
    const needed = nodeAffinity[REQUIRED];
    if (needed)
      validateNodeSelector(errors, `${at}.${REQUIRED}`, needed, options.anyLabelValueInNodeAffinity);
    nodeAffinity[PREFERRED]?.forEach((term, index) => {
      validateWeight(errors, `${at}.${PREFERRED}[${index}].weight`, term.weight);
      validateNodeSelectorTerm(errors, `${at}.${PREFERRED}[${index}].preference`, term.preference, true);
    });
  }
  for (const name of ['podAffinity', 'podAntiAffinity'] as const) {
    const at = `${path}.${name}`;
    affinity[name]?.[REQUIRED]?.forEach((term, index) => {
      validatePodAffinityTerm(errors, `${at}.${REQUIRED}[${index}]`, term, options);
    });
    affinity[name]?.[PREFERRED]?.forEach((weighted, index) => {
      const term = `${at}.${PREFERRED}[${index}]`;
      validateWeight(errors, `${term}.weight`, weighted.weight);
      validatePodAffinityTerm(errors, `${term}.podAffinityTerm`, weighted.podAffinityTerm, options);
    });
  }
}

function validateWeight(errors: FieldError[], path: string, weight: number | undefined): void {
  const value = weight ?? 0;
  if (value <= 0 || value > 100) errors.push(invalid(path, value, 'must be in the range 1-100'));
}

/** Checks a selector of nodes, as a pod's affinity or a volume's. */
export function validateNodeSelector(
  errors: FieldError[],
  path: string,
  selector: DeepReadonly<NodeSelector>,
  anyLabelValue: boolean,
): void {
  const at = `${path}.nodeSelectorTerms`;
  if (!selector.nodeSelectorTerms?.length) {
    errors.push(required(at, 'must have at least one node selector term'));
    return;
  }
  selector.nodeSelectorTerms.forEach((term, index) => {
    validateNodeSelectorTerm(errors, `${at}[${index}]`, term, anyLabelValue);
  });
}

function validateNodeSelectorTerm(
  errors: FieldError[],
  path: string,
  term: DeepReadonly<NodeSelectorTerm> | undefined,
  anyLabelValue: boolean,
): void {
  term?.matchExpressions?.forEach((requirement, index) => {
    validateLabelRequirement(errors, `${path}.matchExpressions[${index}]`, requirement, anyLabelValue);
  });
  term?.matchFields?.forEach((requirement, index) => {
    validateFieldRequirement(errors, `${path}.matchFields[${index}]`, requirement);
  });
}

function validateLabelRequirement(
  errors: FieldError[],
  path: string,
  requirement: DeepReadonly<NodeSelectorRequirement>,
  anyLabelValue: boolean,
): void {
  const operator: string = requirement.operator ?? '';
  const values = requirement.values ?? [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(
        forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      );
    }
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) {
      errors.push(
        required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
      );
    }
  } else {
    errors.push(invalid(`${path}.operator`, operator, NOT_AN_OPERATOR));
  }
  errors.push(...validateLabelName(requirement.key, `${path}.key`));
  if (anyLabelValue) return;
  values.forEach((value, index) => {
    reportEach(errors, `${path}.values[${index}]`, value, validateLabelValue(value));
  });
}

/** The one field of a node that may be selected by is its name. */
function validateFieldRequirement(
  errors: FieldError[],
  path: string,
  requirement: DeepReadonly<NodeSelectorRequirement>,
): void {
  const operator: string = requirement.operator ?? '';
  const values = requirement.values ?? [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1) {
      const rule = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
      errors.push(required(`${path}.values`, rule));
    }
  } else {
    errors.push(invalid(`${path}.operator`, operator, NOT_AN_OPERATOR));
  }
  if (requirement.key !== 'metadata.name') {
    errors.push(invalid(`${path}.key`, requirement.key, 'not a valid field selector key'));
    return;
  }
  values.forEach((value, index) => {
    reportEach(errors, `${path}.values[${index}]`, value, validateDns1123Subdomain(value));
  });
}

function validatePodAffinityTerm(
  errors: FieldError[],
  path: string,
  term: DeepReadonly<PodAffinityTerm>,
  options: PodValidationOptions,
): void {
  validateTermSelectors(errors, path, term, options.anyLabelValueInAffinitySelector);
  for (const name of term.namespaces ?? []) {
    reportEach(errors, `${path}.namespace`, name, validateDns1123Label(name));
  }
  validateMatchLabelKeys(errors, path, term.matchLabelKeys, term.mismatchLabelKeys, term.labelSelector);
  const key = term.topologyKey ?? '';
  if (key === '') errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  errors.push(...validateLabelName(key, `${path}.topologyKey`));
}

function validateTermSelectors(
  errors: FieldError[],
  path: string,
  term: DeepReadonly<PodAffinityTerm>,
  anyLabelValue: boolean,
): void {
  for (const name of ['labelSelector', 'namespaceSelector'] as const) {
    const selector = term[name];
    if (selector) errors.push(...validateLabelSelector(selector, `${path}.${name}`, { anyLabelValue }));
  }
}

/** Whether a stored affinity selects pods by label values that break today's rules. */
export function breaksPodAffinityValues(affinity: DeepReadonly<Affinity> | undefined): boolean {
  const errors: FieldError[] = [];
  for (const name of ['podAffinity', 'podAntiAffinity'] as const) {
    for (const term of affinity?.[name]?.[REQUIRED] ?? []) validateTermSelectors(errors, '', term, false);
    for (const { podAffinityTerm } of affinity?.[name]?.[PREFERRED] ?? []) {
      validateTermSelectors(errors, '', podAffinityTerm, false);
    }
  }
  return errors.length > 0;
}

/** Whether a stored affinity requires nodes by label values that break today's rules. */
export function breaksNodeAffinityValues(affinity: DeepReadonly<Affinity> | undefined): boolean {
  const terms = affinity?.nodeAffinity?.[REQUIRED]?.nodeSelectorTerms ?? [];
  return terms.some((term) =>
    (term.matchExpressions ?? []).some((expression) =>
      (expression.values ?? []).some((value) => validateLabelValue(value).length > 0),
    ),
  );
}
