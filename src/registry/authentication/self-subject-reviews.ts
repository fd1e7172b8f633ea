import { rfc3339 } from '../../apimachinery/clock.ts';
import type { VirtualResource } from '../../apiserver/resource.ts';
import { shownUser } from './user-info.ts';

/** `selfsubjectreviews` of authentication.k8s.io/v1: tells the caller who it is. */
export const selfSubjectReviews: VirtualResource = {
  group: 'authentication.k8s.io',
  version: 'v1',
  resource: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  kind: 'SelfSubjectReview',
  namespaced: false,
  schema: 'io.k8s.api.authentication.v1.SelfSubjectReview',
  async create(_request, context) {
    const object = {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: rfc3339(context.now) },
      status: { userInfo: shownUser(context.user) },
    };
    return { kind: 'object', code: 201, object };
  },
};
