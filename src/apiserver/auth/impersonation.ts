import type { UserInfo } from '../../apimachinery/api-request.ts';
import { newInternalError } from '../../apimachinery/status-error.ts';
import { type Attributes, type Authorizer, refusal } from '../authorizer.ts';

/** Request headers by lower-case name. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The user that a request acts as: the authenticated one, or the one that its Impersonate-… headers name and that the
 * authenticated one may impersonate. Throws 403.
 */
export async function actingUser(
  user: UserInfo,
  headers: Headers,
  authorizer: Authorizer,
): Promise<UserInfo> {
  const name = single(headers['impersonate-user']);
  const groups = many(headers['impersonate-group']);
  const uid = single(headers['impersonate-uid']);
  const extra = extras(headers);
  if (name === undefined) {
    if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return user;
    throw newInternalError(new Error('requested impersonation of groups, uid or extra without a user'));
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account) {
    const [, namespace = '', accountName = ''] = account;
    await allow(authorizer, {
      ...IMPERSONATE,
      user,
      resource: 'serviceaccounts',
      namespace,
      name: accountName,
    });
  } else {
    await allow(authorizer, { ...IMPERSONATE, user, resource: 'users', name });
  }
  for (const group of groups)
    await allow(authorizer, { ...IMPERSONATE, user, resource: 'groups', name: group });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) {
      await allow(authorizer, {
        ...IMPERSONATE,
        group: 'authentication.k8s.io',
        version: 'v1',
        user,
        resource: 'userextras',
        subresource: key,
        name: value,
      });
    }
  }
  if (uid !== undefined) {
    await allow(authorizer, {
      ...IMPERSONATE,
      group: 'authentication.k8s.io',
      version: 'v1',
      user,
      resource: 'uids',
      name: uid,
    });
  }
  return {
    username: name,
    groups: withStanding(name, groups.length === 0 && account ? accountGroups(account[1] ?? '') : groups),
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

const IMPERSONATE = { kind: 'resource', verb: 'impersonate', group: '', version: 'v1' } as const;

async function allow(authorizer: Authorizer, attributes: Attributes): Promise<void> {
  const decision = await authorizer.authorize(attributes);
  if (!decision.allowed) throw refusal(attributes, decision.reason);
}

function accountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** Adds the group that says whether a user has shown credentials, unless one is named. */
function withStanding(name: string, groups: readonly string[]): readonly string[] {
  if (name === 'system:anonymous') {
    return groups.includes('system:unauthenticated') ? groups : [...groups, 'system:unauthenticated'];
  }
  const named = groups.includes('system:authenticated') || groups.includes('system:unauthenticated');
  return named ? groups : [...groups, 'system:authenticated'];
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value || undefined : value?.[0];
}

/** Values of a repeated header; node joins those of HTTP/1.1 with a comma. */
function many(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  const texts = typeof value === 'string' ? value.split(',') : value;
  return texts.map((each) => each.trim()).filter((each) => each !== '');
}

function extras(headers: Headers): Readonly<Record<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith('impersonate-extra-')) {
      found.set(decoded(header.slice('impersonate-extra-'.length)), many(value));
    }
  }
  return Object.fromEntries(found);
}

/** A key without its percent signs; one that cannot be decoded stays as it is, as upstream has it. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
