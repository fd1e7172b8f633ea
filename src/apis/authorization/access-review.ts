/** Rules of the reviews that ask whether somebody may do something. */
import { type FieldError, invalid, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { FieldSelectorRequirement, ObjectMeta } from '../../apimachinery/meta/types.ts';
import {
  validateLabelSelectorRequirement,
  validateRequirementValues,
} from '../../apimachinery/validation/index.ts';
import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectAccessReviewSpec,
  SubjectAccessReview,
} from './types.ts';

/** Checks a review about the caller. */
export function validateSelfSubjectAccessReview({
  metadata,
  spec,
}: DeepReadonly<SelfSubjectAccessReview>): FieldError[] {
  return [
    ...validateWhat(spec),
    ...validateSelectors(spec.resourceAttributes),
    ...validateMetadata(metadata, false),
  ];
}

/** Checks a review about anybody, over the cluster. */
export function validateSubjectAccessReview({
  metadata,
  spec,
}: DeepReadonly<SubjectAccessReview>): FieldError[] {
  return [
    ...validateWhat(spec),
    ...validateWho(spec),
    ...validateSelectors(spec.resourceAttributes),
    ...validateMetadata(metadata, false),
  ];
}

/** Checks a review about anybody, in the namespace of its metadata. */
export function validateLocalSubjectAccessReview(
  review: DeepReadonly<LocalSubjectAccessReview>,
): FieldError[] {
  const { metadata, spec } = review;
  const { resourceAttributes, nonResourceAttributes } = spec;
  const errors = [
    ...validateWhat(spec),
    ...validateWho(spec),
    ...validateSelectors(resourceAttributes),
    ...validateMetadata(metadata, true),
  ];
  if (
    resourceAttributes !== undefined &&
    (resourceAttributes.namespace ?? '') !== (metadata.namespace ?? '')
  ) {
    const why = 'must match metadata.namespace';
    errors.push(invalid('spec.resourceAttributes.namespace', resourceAttributes.namespace ?? '', why));
  }
  if (nonResourceAttributes !== undefined) {
    const why = 'disallowed on this kind of request';
    errors.push(invalid('spec.nonResourceAttributes', shownPath(nonResourceAttributes), why));
  }
  return errors;
}

function validateWhat(spec: DeepReadonly<SelfSubjectAccessReviewSpec>): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = 'cannot be specified in combination with resourceAttributes';
    return [invalid('spec.nonResourceAttributes', shownPath(nonResourceAttributes), why)];
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [invalid('spec.resourceAttributes', null, why)];
  }
  return [];
}

function validateWho({ user = '', groups = [] }: DeepReadonly<SubjectAccessReview['spec']>): FieldError[] {
  if (user !== '' || groups.length > 0) return [];
  return [invalid('spec.user', user, 'at least one of user or group must be specified')];
}

/** A selector is given as a text or as requirements. */
function validateSelectors(attributes: DeepReadonly<ResourceAttributes> | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['fieldSelector', 'labelSelector'] as const) {
    const selector = attributes?.[name];
    if (selector === undefined) continue;
    const path = `spec.resourceAttributes.${name}`;
    const [raw, requirements] = [selector.rawSelector ?? '', selector.requirements ?? []];
    if (raw !== '' && requirements.length > 0) {
      errors.push(invalid(`${path}.rawSelector`, raw, 'may not specified at the same time as requirements'));
    }
    if (raw === '' && requirements.length === 0) {
      const why = `when ${path} is specified, requirements or rawSelector is required`;
      errors.push(required(`${path}.requirements`, why));
    }
    for (const [index, requirement] of requirements.entries()) {
      const here = `${path}.requirements[${index}]`;
      errors.push(
        ...(name === 'fieldSelector'
          ? validateFieldRequirement(requirement, here)
          : validateLabelSelectorRequirement(requirement, here, { anyOperator: true })),
      );
    }
  }
  return errors;
}

/** A requirement of a field selector; operators that nobody knows pass, for clients newer than this server. */
function validateFieldRequirement(
  requirement: DeepReadonly<FieldSelectorRequirement>,
  path: string,
): FieldError[] {
  return [
    ...(requirement.key ? [] : [required(`${path}.key`, 'must be specified')]),
    ...validateRequirementValues(requirement, path, { anyOperator: true }),
  ];
}

/** A review has no identity: nothing of it is kept. */
function validateMetadata(
  metadata: DeepReadonly<Partial<ObjectMeta>> | undefined,
  namespaced: boolean,
): FieldError[] {
  const { managedFields: _, namespace, ...rest } = metadata ?? {};
  const given = Object.entries({ ...rest, ...(namespaced ? {} : { namespace }) }).filter(
    ([, value]) => value,
  );
  if (given.length === 0) return [];
  const why = namespaced ? 'must be empty except for namespace' : 'must be empty';
  return [invalid('metadata', metadata, why)];
}

function shownPath({ path = '', verb = '' }: DeepReadonly<NonResourceAttributes>): unknown {
  return { Path: path, Verb: verb };
}
