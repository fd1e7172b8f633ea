import type { ApiRequest, UserInfo } from '../../apimachinery/api-request.ts';
import { parseFieldSelector } from '../../apimachinery/selectors/index.ts';
import { newForbidden, StatusError } from '../../apimachinery/status-error.ts';

/** What authorization decides about: a verb on a resource, or a plain path such as /healthz. */
export type Attributes =
  | {
      readonly kind: 'resource';
      readonly user: UserInfo;
      /** A request's verb, or one that is none, such as `impersonate`. */
      readonly verb: string;
      readonly group: string;
      readonly version: string;
      readonly resource: string;
      readonly subresource?: string;
      readonly namespace?: string;
      readonly name?: string;
      /** Of a list or a watch, as it was sent. */
      readonly fieldSelector?: string;
    }
  | { readonly kind: 'path'; readonly user: UserInfo; readonly verb: string; readonly path: string };

/** The attributes of a request. */
export function attributesOf(user: UserInfo, request: ApiRequest): Attributes {
  const { verb, group, version, resource, subresource } = request;
  const name = request.name ?? nameSelected(request);
  // What concerns one namespace is asked for within it, so that a role in it may allow it (upstream's RequestInfo).
  const namespace = group === '' && resource === 'namespaces' ? request.name : request.namespace;
  return {
    kind: 'resource',
    user,
    verb,
    group,
    version,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(request.parameters?.['fieldSelector'] ? { fieldSelector: request.parameters['fieldSelector'] } : {}),
  };
}

/** The one name that a list or a watch asks for by its field selector: it is authorized as if it stood in the path. */
function nameSelected({ verb, parameters }: ApiRequest): string | undefined {
  const selector = parameters?.['fieldSelector'];
  if (!selector || (verb !== 'list' && verb !== 'watch')) return undefined;
  try {
    const { requirements } = parseFieldSelector(selector);
    const found = requirements.find(({ field, operator }) => field === 'metadata.name' && operator === '=');
    const { value = '' } = found ?? {};
    return value === '' || value === '.' || value === '..' || /[/%]/.test(value) ? undefined : value;
  } catch (error) {
    // The handler says what is wrong with it, to who may ask.
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

/** A decision; `reason` is added to the message of a refusal. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason?: string;
}

/** Says who may do what. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision | Promise<Decision>;
}

const PUBLIC_PATHS = /^\/(?:healthz|livez|readyz|version)(?:\/|$)/;
const ALLOWED: Decision = { allowed: true };
const REFUSED: Decision = { allowed: false };

/** Lets `system:masters` do everything, and everybody see health and version. */
export const mastersOnly: Authorizer = {
  authorize(attributes) {
    if (attributes.user.groups.includes('system:masters')) return ALLOWED;
    if (attributes.kind === 'path' && PUBLIC_PATHS.test(attributes.path)) return ALLOWED;
    return REFUSED;
  },
};

/** A 403 of the authorizer, which upstream answers with a header of its own; other refusals are of what a request asks. */
export class AuthorizationRefusal extends StatusError {}

/** The 403 of a refused request, in upstream's words. */
export function refusal(attributes: Attributes, reason = ''): StatusError {
  const { code, message, status } = forbidden(attributes, reason);
  return new AuthorizationRefusal(code, 'Forbidden', message, status.details);
}

function forbidden(attributes: Attributes, reason: string): StatusError {
  const { user } = attributes;
  const more = reason === '' ? '' : `: ${reason}`;
  if (attributes.kind === 'path') {
    return newForbidden(
      '',
      '',
      '',
      `User ${JSON.stringify(user.username)} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}${more}`,
    );
  }
  const { verb, group, resource, subresource, namespace, name = '' } = attributes;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  return newForbidden(
    group,
    resource,
    name,
    `User ${JSON.stringify(user.username)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}${more}`,
  );
}
