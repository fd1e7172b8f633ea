import { timingSafeEqual } from 'node:crypto';
import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';
import type { Secret } from '../../apis/core/types.ts';
import type { TokenAuthenticator } from '../../apiserver/index.ts';
import type { Storage } from '../../storage/storage.ts';

/** Type of the Secrets in kube-system that are bootstrap tokens. */
const SECRET_TYPE = 'bootstrap.kubernetes.io/token';
const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const GROUP = 'system:bootstrappers';
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/**
 * Knows the tokens with which machines join: Secrets `bootstrap-token-<id>` of kube-system. Whoever holds one is
 * `system:bootstrap:<id>` in the group system:bootstrappers, until the Secret goes or its expiration passes.
 *
 * Upstream: plugin/pkg/auth/authenticator/token/bootstrap.
 */
export function bootstrapTokens(storage: Storage, clock: Clock): TokenAuthenticator {
  return {
    async authenticate(token) {
      const [, id, secret] = TOKEN.exec(token) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const stored = await storage.get(`/core/secrets/kube-system/bootstrap-token-${id}`);
      return stored === undefined
        ? undefined
        : userOf(stored.object as unknown as Secret, id, secret, clock.now());
    },
  };
}

function userOf({ metadata, type, data }: Secret, id: string, secret: string, now: number) {
  const value = (name: string): string => Buffer.from(data?.[name] ?? '', 'base64').toString('utf8');
  if (type !== SECRET_TYPE || metadata.deletionTimestamp !== undefined) return undefined;
  if (value('token-id') !== id || !isSame(value('token-secret'), secret)) return undefined;
  const expiration = value('expiration');
  // A time that cannot be read counts as past.
  if (expiration !== '' && !(Date.parse(expiration) > now)) return undefined;
  if (value('usage-bootstrap-authentication') !== 'true') return undefined;
  const extra = value('auth-extra-groups')
    .split(',')
    .filter((group) => group !== '');
  if (extra.some((group) => !EXTRA_GROUP.test(group))) return undefined;
  const user: UserInfo = {
    username: `system:bootstrap:${id}`,
    groups: [...new Set([GROUP, ...extra]), 'system:authenticated'],
  };
  return user;
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
