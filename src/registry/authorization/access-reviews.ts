import type { ApiAnswer, UserInfo } from '../../apimachinery/api-request.ts';
import type { FieldError } from '../../apimachinery/field-error.ts';
import { newInvalid } from '../../apimachinery/status-error.ts';
import {
  type LocalSubjectAccessReview,
  type NonResourceAttributes,
  type ResourceAttributes,
  type SelfSubjectAccessReview,
  type SubjectAccessReview,
  type SubjectAccessReviewSpec,
  type SubjectAccessReviewStatus,
  selectorFaults,
  validateLocalSubjectAccessReview,
  validateSelfSubjectAccessReview,
  validateSubjectAccessReview,
} from '../../apis/authorization/index.ts';
import type { Attributes, Authorizer, VirtualResource } from '../../apiserver/index.ts';

const GROUP = 'authorization.k8s.io';

/** What the reviews need. */
export interface AccessReviewDependencies {
  readonly authorizer: Authorizer;
}

/** The three reviews that ask whether somebody may do one thing. */
export function accessReviews({ authorizer }: AccessReviewDependencies): readonly VirtualResource[] {
  return [
    {
      ...named('selfsubjectaccessreviews', 'SelfSubjectAccessReview', false),
      create(request, context) {
        const review = bodyOf<SelfSubjectAccessReview>(request.body);
        refuse(validateSelfSubjectAccessReview(review));
        return answer(authorizer, 'SelfSubjectAccessReview', review, context.user);
      },
    },
    {
      ...named('subjectaccessreviews', 'SubjectAccessReview', false),
      create(request) {
        const review = bodyOf<SubjectAccessReview>(request.body);
        refuse(validateSubjectAccessReview(review));
        return answer(authorizer, 'SubjectAccessReview', review, subjectOf(review.spec));
      },
    },
    {
      ...named('localsubjectaccessreviews', 'LocalSubjectAccessReview', true),
      create(request) {
        const review = bodyOf<LocalSubjectAccessReview>(request.body);
        refuse(validateLocalSubjectAccessReview(review));
        return answer(authorizer, 'LocalSubjectAccessReview', review, subjectOf(review.spec));
      },
    },
  ];
}

function named(resource: string, kind: string, namespaced: boolean): Omit<VirtualResource, 'create'> {
  return {
    group: GROUP,
    version: 'v1',
    resource,
    singular: kind.toLowerCase(),
    kind,
    namespaced,
    schema: `io.k8s.api.authorization.v1.${kind}`,
  };
}

/** The body with the parts that every review has. */
function bodyOf<T extends { metadata: object; spec: object }>(body: unknown): T {
  const given = (body ?? {}) as Partial<T>;
  return { ...given, metadata: given.metadata ?? {}, spec: given.spec ?? {} } as T;
}

/** Upstream names no kind here. */
function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw newInvalid(GROUP, '', '', errors);
}

function subjectOf({ user = '', uid, groups = [], extra }: SubjectAccessReviewSpec): UserInfo {
  return {
    username: user,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  };
}

interface Question {
  readonly metadata: object;
  readonly spec: {
    readonly resourceAttributes?: ResourceAttributes;
    readonly nonResourceAttributes?: NonResourceAttributes;
  };
}

async function answer(
  authorizer: Authorizer,
  kind: string,
  { metadata, spec }: Question,
  user: UserInfo,
): Promise<ApiAnswer> {
  const { allowed, reason } = await authorizer.authorize(attributesOf(spec, user));
  const evaluationError = selectorFaults(spec.resourceAttributes);
  const status: SubjectAccessReviewStatus = {
    allowed,
    ...(reason ? { reason } : {}),
    ...(evaluationError ? { evaluationError } : {}),
  };
  return { kind: 'object', code: 201, object: { kind, apiVersion: `${GROUP}/v1`, metadata, spec, status } };
}

function attributesOf(
  { resourceAttributes, nonResourceAttributes }: Question['spec'],
  user: UserInfo,
): Attributes {
  if (resourceAttributes === undefined) {
    const { path = '', verb = '' } = nonResourceAttributes ?? {};
    return { kind: 'path', user, verb, path };
  }
  const {
    verb = '',
    group = '',
    version = '*',
    resource = '',
    subresource,
    namespace,
    name,
  } = resourceAttributes;
  return {
    kind: 'resource',
    user,
    verb,
    group,
    version: version === '' ? '*' : version,
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
}
