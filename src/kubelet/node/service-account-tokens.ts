/** Tokens for pods' service accounts, asked of the API. Source: TokenRequest API. */
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { TokenRequest } from '../../apis/authentication/types.ts';
import type { Pod, ServiceAccountTokenProjection } from '../../apis/core/types.ts';
import { type Client, SERVICEACCOUNTS } from '../../client/index.ts';
import type { IssuedToken } from '../volumes/payload.ts';

/** Seconds that a token lives when the pod does not say. */
const LIFETIME_SECONDS = 3600;
/** Part of its life after which a token is replaced. */
const REFRESH_AFTER = 0.8;
/** Milliseconds after which a token is replaced however long it lives. */
const AGE_MS_MAX = 24 * 3_600_000;

/** How volumes get tokens. */
export function tokenSource(client: Client, clock: Clock) {
  return async (
    pod: DeepReadonly<Pod>,
    { audience, expirationSeconds = LIFETIME_SECONDS }: DeepReadonly<ServiceAccountTokenProjection>,
  ): Promise<IssuedToken> => {
    const { namespace = '', name, uid } = pod.metadata;
    const account = pod.spec.serviceAccountName || 'default';
    const answer = await client.createSubresource(SERVICEACCOUNTS, namespace, account, 'token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    });
    const { status } = answer as DeepReadonly<TokenRequest>;
    return {
      token: status.token ?? '',
      refreshAt: clock.now() + Math.min(Number(expirationSeconds) * 1000 * REFRESH_AFTER, AGE_MS_MAX),
    };
  };
}
