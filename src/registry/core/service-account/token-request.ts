/** `serviceaccounts/token`: a token on request, bound to a pod, node or secret or to nothing. */

import type { UserInfo } from '../../../apimachinery/api-request.ts';
import { rfc3339 } from '../../../apimachinery/clock.ts';
import type { Int64 } from '../../../apimachinery/exact-json.ts';
import { invalid } from '../../../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { newBadRequest, newConflict, newForbidden, newInvalid } from '../../../apimachinery/status-error.ts';
import type { TokenRequest } from '../../../apis/authentication/types.ts';
import type { Pod } from '../../../apis/core/types.ts';
import type { Backend, CustomSubresource } from '../../../apiserver/resource.ts';
import { nodeNameOf } from '../../node-access/node-identity.ts';
import type { TokenIssuer, TokenWish } from './token-issuer.ts';
import type { ObjectClaim } from './token-key.ts';

const GROUP = 'authentication.k8s.io';
const DEFAULT_SECONDS = 3600;
const SECONDS_MIN = 600;
const SECONDS_MAX = 2 ** 32;
/** What kubelets ask for on behalf of pods that never asked: such a token warns after that and lives for a year. */
const UNASKED_SECONDS = 3607;
const UNASKED_LIFETIME_SECONDS = 365 * 24 * 3600;

/** Makes `serviceaccounts/token`. */
export function tokenSubresource(issuer: TokenIssuer): CustomSubresource {
  return {
    kind: 'custom',
    verbs: ['create'],
    body: {
      group: GROUP,
      version: 'v1',
      kind: 'TokenRequest',
      schema: 'io.k8s.api.authentication.v1.TokenRequest',
      applyDefaults(body) {
        const request = body as Partial<TokenRequest>;
        request.spec = { ...request.spec } as TokenRequest['spec'];
        request.spec.expirationSeconds ??= DEFAULT_SECONDS;
      },
    },
    async handle(request, context, backend) {
      const body = (request.body ?? {}) as Partial<TokenRequest>;
      const name = request.name ?? '';
      const namespace = request.namespace ?? '';
      checkName(body, name);
      const { subresource: _, body: __, ...ofAccount } = request;
      const account = await backend.get({ ...ofAccount, verb: 'get' });
      checkUid(body, account);
      const audiences = body.spec?.audiences?.length ? body.spec.audiences : [issuer.audience];
      const asked = body.spec?.expirationSeconds ?? DEFAULT_SECONDS;
      checkSeconds(asked);
      const seconds = Number(asked);
      const bound = await boundObjects(body, backend, namespace, name);
      restrictNode(context.user, body, bound, name);
      const forServer = audiences.every((each) => each === issuer.audience);
      const extended = bound.pod !== undefined && seconds === UNASKED_SECONDS && forServer;
      const token = issuer.issue({
        namespace,
        account: claimOf(account),
        audiences,
        seconds: extended ? UNASKED_LIFETIME_SECONDS : seconds,
        ...(extended ? { warnAfterSeconds: seconds } : {}),
        ...bound,
      });
      const object = {
        kind: 'TokenRequest',
        apiVersion: `${GROUP}/v1`,
        metadata: {
          ...body.metadata,
          name,
          namespace,
          uid: account.metadata.uid,
          creationTimestamp: rfc3339(context.now),
        },
        spec: { audiences, expirationSeconds: seconds, boundObjectRef: body.spec?.boundObjectRef ?? null },
        status: { token, expirationTimestamp: rfc3339(context.now + seconds * 1000) },
      };
      return { kind: 'object', code: 201, object };
    },
  };
}

function checkName(body: Partial<TokenRequest>, name: string): void {
  const given = body.metadata?.name;
  if (!given || given === name) return;
  const rule = 'must match the service account name if specified';
  throw newInvalid(GROUP, 'TokenRequest', name, [invalid('metadata.name', given, rule)]);
}

function checkUid(body: Partial<TokenRequest>, account: DeepReadonly<ApiObject>): void {
  const { uid, name } = account.metadata;
  if (!body.metadata?.uid || body.metadata.uid === uid) return;
  const why = `the UID in the token request (${body.metadata.uid}) does not match the UID of the service account (${uid})`;
  throw newConflict(GROUP, 'TokenRequest', name, why);
}

function checkSeconds(seconds: Int64): void {
  const errors = [];
  const path = 'spec.expirationSeconds';
  if (seconds < SECONDS_MIN) {
    errors.push(invalid(path, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > SECONDS_MAX) {
    errors.push(invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  if (errors.length > 0) throw newInvalid(GROUP, 'TokenRequest', '', errors);
}

type Bound = Pick<TokenWish, 'pod' | 'node' | 'secret'>;

async function boundObjects(
  body: Partial<TokenRequest>,
  backend: Backend,
  namespace: string,
  account: string,
): Promise<Bound> {
  const reference = body.spec?.boundObjectRef;
  if (!reference) return {};
  const { apiVersion = '', kind = '', name = '', uid } = reference;
  const field = { Pod: 'pod', Node: 'node', Secret: 'secret' }[kind] as keyof Bound | undefined;
  if (apiVersion.includes('/') || field === undefined) {
    throw newBadRequest(`cannot bind token to object of type ${goType(apiVersion, kind)}`);
  }
  const read = (resource: string, of: string): Promise<DeepReadonly<ApiObject>> =>
    backend.get({
      verb: 'get',
      group: '',
      version: 'v1',
      resource,
      name: of,
      ...(resource === 'nodes' ? {} : { namespace }),
    });
  const object = await read(`${field}s`, name);
  const bound: { -readonly [Key in keyof Bound]: Bound[Key] } = { [field]: claimOf(object) };
  if (field === 'pod') {
    const { spec } = object as DeepReadonly<Pod>;
    if (spec.serviceAccountName !== account) {
      const quoted = JSON.stringify(account);
      throw newBadRequest(
        `cannot bind token for serviceaccount ${quoted} to pod running with different serviceaccount name.`,
      );
    }
    if (spec.nodeName) bound.node = await nodeClaim(read, spec.nodeName);
  }
  if (uid && uid !== object.metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw newConflict('', kind, name, why);
  }
  return bound;
}

/** A node agent gets tokens only for its own pods (the plugin NodeRestriction, upstream). */
function restrictNode(user: UserInfo, body: Partial<TokenRequest>, { node }: Bound, account: string): void {
  const own = nodeNameOf(user);
  if (own === undefined) return;
  const { apiVersion, kind, name, uid } = body.spec?.boundObjectRef ?? {};
  const refuse = (why: string) => newForbidden('', 'serviceaccounts', account, why);
  if (apiVersion !== 'v1' || kind !== 'Pod' || !name) {
    throw refuse('node requested token not bound to a pod');
  }
  if (!uid) throw refuse('node requested token with a pod binding without a uid');
  if (node?.name !== own) throw refuse('node requested token bound to a pod scheduled on a different node');
}

/** The node of a pod, by name alone when it is gone. */
function nodeClaim(
  read: (resource: string, name: string) => Promise<DeepReadonly<ApiObject>>,
  name: string,
): Promise<ObjectClaim> {
  return read('nodes', name).then(claimOf, () => ({ name, uid: '' }));
}

const claimOf = ({ metadata: { name, uid } }: DeepReadonly<ApiObject>): ObjectClaim => ({ name, uid });

function goType(apiVersion: string, kind: string): string {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return `${group}/${version}, Kind=${kind}`;
}
