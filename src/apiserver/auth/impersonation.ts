/**
 * Acting as another user. Kubernetes 1.36 has two ways to be allowed to: the constrained one (KEP-5284), which grants verbs
 * such as `impersonate:user-info` on whom and `impersonate-on:user-info:list` on what, and the old one, the verb
 * `impersonate`, which allows everything that the other user may do. The constrained way is asked first, and its refusal is
 * the one that is told.
 */
import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { StatusError } from '../../apimachinery/status-error.ts';
import { validateDomainPrefixedPath } from '../../apimachinery/validation/domain-prefixed.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../apimachinery/validation/names.ts';
import { type Attributes, type Authorizer, refusal } from './authorizer.ts';
import { actsAs, isNameAlone, type RawHeaders, type WantedUser, wantedUser } from './wanted-user.ts';

/** Whom a request acts as, and by which right. */
export interface Impersonated {
  readonly user: UserInfo;
  /** The verb that allowed it; absent where the old verb did, or nobody is impersonated. */
  readonly constraint?: string;
}

/** Checks of one list beyond which it is first asked whether all are allowed. */
const CHECKS_ONE_BY_ONE_MAX = 3;
const NODE_PREFIX = 'system:node:';
const NODE_NAME_KEY = 'authentication.kubernetes.io/node-name';

/**
 * The user that a request acts as: the caller, or the one that its Impersonate-… headers name and that the caller may
 * impersonate for what `asked` says of the request. Throws 400 and 403.
 */
export async function actingUser(
  caller: UserInfo,
  headers: RawHeaders,
  asked: () => Attributes,
  authorizer: Authorizer,
): Promise<Impersonated> {
  const wanted = wantedUser(headers);
  if (wanted === undefined) return { user: caller };
  const attributes = asked();
  let first: StatusError | undefined;
  for (const mode of modesFor(wanted, caller)) {
    const refused = await refusedOn(mode, attributes, authorizer);
    const found = refused ?? (await impersonated(mode, wanted, caller, authorizer));
    if ('user' in found) return found;
    first ??= found;
  }
  const found = await impersonated(undefined, wanted, caller, authorizer);
  if ('user' in found) return found;
  throw first ?? found;
}

type Mode = 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info';

/** The constrained ways that fit, in the order in which upstream tries them. */
function modesFor(wanted: WantedUser, caller: UserInfo): readonly Mode[] {
  const node = nodeOf(wanted.username);
  const account = accountOf(wanted.username);
  if (node === undefined && account === undefined) return ['user-info'];
  if (!isNameAlone(wanted)) return [];
  if (node === undefined) return ['serviceaccount'];
  const { [NODE_NAME_KEY]: named = [] } = caller.extra ?? {};
  const isOwn = accountOf(caller.username) !== undefined && named.length === 1 && named[0] === node;
  return isOwn ? ['associated-node', 'arbitrary-node'] : ['arbitrary-node'];
}

/** The refusal to do what the request is about while being somebody else. */
async function refusedOn(
  mode: Mode,
  attributes: Attributes,
  authorizer: Authorizer,
): Promise<StatusError | undefined> {
  return refused(authorizer, { ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` });
}

async function refused(authorizer: Authorizer, attributes: Attributes): Promise<StatusError | undefined> {
  const decision = await authorizer.authorize(attributes);
  return decision.allowed ? undefined : refusal(attributes, decision.reason);
}

/** The wanted user, or the first refusal to be it. `mode` undefined is the old way. */
async function impersonated(
  mode: Mode | undefined,
  wanted: WantedUser,
  caller: UserInfo,
  authorizer: Authorizer,
): Promise<Impersonated | StatusError> {
  const verb = mode === undefined ? 'impersonate' : `impersonate:${mode}`;
  for (const check of checksOf(mode, verb, wanted, caller)) {
    if (check.forbidden !== undefined) return refusal(check.attributes, check.forbidden);
    if (check.all !== undefined && (await refused(authorizer, check.all)) === undefined) continue;
    for (const each of check.each ?? [check.attributes]) {
      const no = await refused(authorizer, each);
      if (no !== undefined) return no;
    }
  }
  const user = actsAs(wanted, groupsOf(mode, wanted));
  return mode === undefined ? { user } : { user, constraint: verb };
}

function groupsOf(mode: Mode | undefined, { username, groups }: WantedUser): readonly string[] {
  if (groups.length > 0) return groups;
  if (mode === 'associated-node' || mode === 'arbitrary-node') return ['system:nodes'];
  const account = accountOf(username);
  if (account === undefined) return groups;
  return ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`];
}

/** One thing that has to be allowed. */
interface Check {
  readonly attributes: Attributes;
  /** Why it is never allowed. */
  readonly forbidden?: string | undefined;
  /** What allows every one of many at once. */
  readonly all?: Attributes | undefined;
  /** The single ones; absent: `attributes` itself. */
  readonly each?: readonly Attributes[];
}

function checksOf(
  mode: Mode | undefined,
  verb: string,
  wanted: WantedUser,
  user: UserInfo,
): readonly Check[] {
  const resource = { kind: 'resource', verb, user } as const;
  const newer = { ...resource, group: 'authentication.k8s.io', version: 'v1' };
  const names = mode === undefined ? { ...resource, group: '', version: 'v1' } : newer;
  const checks: Check[] = [{ attributes: nameAttributes(mode, names, wanted.username) }];
  if (wanted.uid !== '') checks.push({ attributes: { ...newer, resource: 'uids', name: wanted.uid } });
  const { groups } = wanted;
  if (groups.length > 0) {
    const base = { ...names, resource: 'groups' };
    const masters = groups.includes('system:masters');
    checks.push({
      attributes: masters && !groups.includes('') ? { ...base, name: 'system:masters' } : base,
      forbidden: mode && forbiddenGroups(groups),
      all: mode && groups.length > CHECKS_ONE_BY_ONE_MAX ? { ...base, name: '*' } : undefined,
      each: groups.map((name) => ({ ...base, name })),
    });
  }
  const extra = Object.entries(wanted.extra).flatMap(([key, values]) => values.map((each) => [key, each]));
  if (extra.length > 0) {
    const base = { ...newer, resource: 'userextras' };
    const many = extra.length > CHECKS_ONE_BY_ONE_MAX;
    checks.push({
      attributes: base,
      forbidden: mode && forbiddenExtra(wanted.extra),
      all: mode && many ? { ...base, subresource: '*', name: '*' } : undefined,
      each: extra.map(([subresource = '', name = '']) => ({ ...base, subresource, name })),
    });
  }
  return checks;
}

function nameAttributes(
  mode: Mode | undefined,
  base: Omit<Extract<Attributes, { kind: 'resource' }>, 'resource'>,
  username: string,
): Attributes {
  const node = nodeOf(username);
  if (mode === 'associated-node') return { ...base, resource: 'nodes', name: '*' };
  if (mode !== undefined && node !== undefined) return { ...base, resource: 'nodes', name: node };
  const account = accountOf(username);
  if (account !== undefined) return { ...base, resource: 'serviceaccounts', ...account };
  return { ...base, resource: 'users', name: username };
}

function forbiddenGroups(groups: readonly string[]): string | undefined {
  if (groups.includes('')) return 'impersonating the empty string group is not allowed';
  if (groups.includes('system:masters')) return 'impersonating the system:masters group is not allowed';
  return undefined;
}

function forbiddenExtra(extra: WantedUser['extra']): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const wrongs = validateDomainPrefixedPath(key, 'extra.key').map(String);
    if (wrongs.length > 0) {
      const told = wrongs.length === 1 ? wrongs[0] : `[${wrongs.join(', ')}]`;
      return `impersonating an invalid key in extra is not allowed: ${told}`;
    }
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

function nodeOf(username: string): string | undefined {
  if (!username.startsWith(NODE_PREFIX)) return undefined;
  const name = username.slice(NODE_PREFIX.length);
  return validateDns1123Subdomain(name).length === 0 ? name : undefined;
}

function accountOf(username: string): { readonly namespace: string; readonly name: string } | undefined {
  const match = /^system:serviceaccount:([^:]*):([^:]*)$/.exec(username);
  if (match === null) return undefined;
  const [, namespace = '', name = ''] = match;
  const wrongs = [...validateDns1123Label(namespace), ...validateDns1123Subdomain(name)];
  return wrongs.length === 0 ? { namespace, name } : undefined;
}
