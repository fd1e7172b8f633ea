import { newBadRequest } from '../../apimachinery/status-error.ts';
import type { TokenReview, TokenReviewStatus } from '../../apis/authentication/index.ts';
import type { TokenAuthenticator } from '../../apiserver/index.ts';
import type { VirtualResource } from '../../apiserver/resource.ts';
import { shownUser } from './user-info.ts';

/** `tokenreviews` of authentication.k8s.io/v1: tells whose a token is, asking the authenticators in their order. */
export function tokenReviews(authenticators: readonly TokenAuthenticator[]): VirtualResource {
  return {
    group: 'authentication.k8s.io',
    version: 'v1',
    resource: 'tokenreviews',
    singular: 'tokenreview',
    kind: 'TokenReview',
    namespaced: false,
    schema: 'io.k8s.api.authentication.v1.TokenReview',
    async create(request) {
      const review = (request.body ?? {}) as Partial<TokenReview>;
      const token = review.spec?.token ?? '';
      if (token === '') throw newBadRequest('token is required for TokenReview in authentication');
      const object = {
        kind: 'TokenReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { ...review.metadata },
        spec: review.spec,
        status: await statusOf(authenticators, token),
      };
      return { kind: 'object', code: 201, object };
    },
  };
}

async function statusOf(
  authenticators: readonly TokenAuthenticator[],
  token: string,
): Promise<TokenReviewStatus> {
  for (const authenticator of authenticators) {
    const user = await authenticator.authenticate(token);
    if (user !== undefined) return { authenticated: true, user: shownUser(user) };
  }
  return { user: {}, error: '[invalid bearer token]' };
}
