import { newBadRequest } from '../../apimachinery/status-error.ts';
import type { TokenReview, TokenReviewStatus } from '../../apis/authentication/index.ts';
import { ANONYMOUS, bearerToken, type TokenAuthenticator, type TokenVerdict } from '../../apiserver/index.ts';
import type { VirtualResource } from '../../apiserver/resource.ts';
import { shownUser } from './user-info.ts';

/**
 * `tokenreviews` of authentication.k8s.io/v1: tells whose a token is, asking the authenticators in their order.
 *
 * @param audience what this server answers to: what a review that names no audiences asks about.
 */
export function tokenReviews(
  authenticators: readonly TokenAuthenticator[],
  audience: string,
): VirtualResource {
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
      const { authenticated: _, ...given } = { user: {}, ...review.status };
      const object = {
        kind: 'TokenReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { ...review.metadata },
        spec: review.spec,
        status: {
          ...given,
          ...(await verdictOn(authenticators, token, review.spec?.audiences ?? [], audience)),
        },
      };
      return { kind: 'object', code: 201, object };
    },
  };
}

/**
 * What is found out; the rest of the status is answered as it was sent. The text is read as the rest of an Authorization header
 * is, where one that begins with a space says nothing of who sends it.
 */
async function verdictOn(
  authenticators: readonly TokenAuthenticator[],
  text: string,
  wanted: readonly string[],
  own: string,
): Promise<TokenReviewStatus> {
  const audiences = wanted.length === 0 ? [own] : wanted;
  const token = bearerToken(`Bearer ${text}`);
  if (!token) return { authenticated: true, user: shownUser(ANONYMOUS), audiences: [...audiences] };
  const errors = ['invalid bearer token'];
  for (const each of authenticators) {
    const verdict = await (each.review?.(token, audiences) ?? plainVerdict(each, token, audiences, own));
    if ('user' in verdict) {
      return { authenticated: true, user: shownUser(verdict.user), audiences: [...verdict.audiences] };
    }
    if (verdict.refusal !== undefined) errors.push(verdict.refusal);
  }
  return { error: errors.length === 1 ? errors.join('') : `[${errors.join(', ')}]` };
}

/** The verdict of an authenticator whose tokens are for this server alone. */
async function plainVerdict(
  authenticator: TokenAuthenticator,
  token: string,
  audiences: readonly string[],
  own: string,
): Promise<TokenVerdict> {
  const user = audiences.includes(own) ? await authenticator.authenticate(token) : undefined;
  return user === undefined ? { refusal: undefined } : { user, audiences: [own] };
}
