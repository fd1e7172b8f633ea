/** What of the catalog a request is for, and whether it is served there. */
import type { ApiRequest, UserInfo } from '../../apimachinery/api-request.ts';
import { type Authorizer, attributesOf, refusal } from '../auth/authorizer.ts';
import type { Catalog } from '../catalog.ts';
import { newMethodNotAllowed, newUnknownResource } from '../handler-chain.ts';
import type { CustomSubresource } from '../resource.ts';
import type { ServedResource } from '../served-resource.ts';
import type { UpgradeRequest } from '../streams/stream-sessions.ts';
import { upgradeOf, WEB_SOCKET } from '../streams/upgrade.ts';
import { type Outgoing, reply } from './exchange.ts';
import { PAGE_NOT_FOUND } from './path-handlers.ts';
import type { RequestInfo } from './request-info.ts';

/** Methods by which resources are served. */
const SERVED_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Methods beside these that `proxy` hands on. */
const HANDED_ON_METHODS: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS']);

/** A request for a resource, by its path and method. */
export type ResourceInfo = Extract<RequestInfo, { kind: 'resource' }>;

/** See the file's head. */
export class RequestTargets {
  readonly #catalog: Catalog;
  readonly #authorizer: Authorizer;

  constructor(catalog: Catalog, authorizer: Authorizer) {
    this.#catalog = catalog;
    this.#authorizer = authorizer;
  }

  /**
   * Whether there is anything under that group; answers 404 as Go's server does when not. Whoever may not ask for it does
   * not learn either whether it is there.
   */
  async isServed(info: ResourceInfo, user: UserInfo, method: string, response: Outgoing): Promise<boolean> {
    try {
      if (this.#catalog.hasGroup(info.request.group)) {
        this.#assertThere(info, method);
        return true;
      }
    } catch (error) {
      await this.assertAllowed(info, user);
      throw error;
    }
    await this.assertAllowed(info, user);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    reply(response, PAGE_NOT_FOUND.code, PAGE_NOT_FOUND.contentType, PAGE_NOT_FOUND.body);
    return false;
  }

  /** Throws 403 unless the user may ask for it. */
  async assertAllowed({ request }: ResourceInfo, user: UserInfo): Promise<void> {
    const attributes = attributesOf(user, request);
    const decision = await this.#authorizer.authorize(attributes);
    if (!decision.allowed) throw refusal(attributes, decision.reason);
  }

  /** Throws 404 unless the group has that resource, and 405 for a method that it is not served by. */
  #assertThere({ request, collection, watchPath }: ResourceInfo, method: string): void {
    const { group, version, resource, verb, subresource, rest } = request;
    const served = this.#catalog.find(group, version, resource);
    const virtual = this.#catalog.findVirtual(group, version, resource);
    const found = served?.definition ?? virtual;
    const isListed = served !== undefined || virtual?.reads !== undefined;
    if (found === undefined || !isPlaceOf(found, request, isListed)) throw newUnknownResource();
    // The old way leads to no more than what can be watched.
    const watchable = served?.verbs.has('watch') === true && subresource === undefined;
    if (watchPath && !watchable) throw newUnknownResource();
    const { subresources = {} } = served?.definition ?? {};
    const below = subresource === undefined ? undefined : own(subresources, subresource);
    if (subresource !== undefined && below === undefined) throw newUnknownResource();
    const proxies = below?.kind === 'custom' && below.proxies === true;
    if (rest !== undefined && !proxies) throw newUnknownResource();
    const everywhere = found.namespaced && request.namespace === undefined;
    const isServed = SERVED_METHODS.has(method) || (proxies && HANDED_ON_METHODS.has(method));
    if (!isServed || (watchPath && method !== 'GET') || (everywhere && verb !== 'list' && verb !== 'watch'))
      throw newMethodNotAllowed();
    if (verb === 'create' && !collection && subresource === undefined) throw newMethodNotAllowed();
    if ((verb === 'update' || verb === 'patch') && collection) throw newMethodNotAllowed();
  }

  /** The stored resource whose objects the answer shows; undefined where it shows something else. */
  servedFor({ group, version, resource, subresource }: ApiRequest): ServedResource | undefined {
    const served = this.#catalog.find(group, version, resource);
    if (served === undefined || subresource === undefined) return served;
    return served.definition.subresources?.[subresource]?.kind === 'part' ? served : undefined;
  }

  /** The stored resource that a watch is of, if there is one. */
  watched({ group, version, resource }: ApiRequest): ServedResource | undefined {
    return this.#catalog.find(group, version, resource);
  }

  /** Whether the connection of an upgrade may become another than one for requests. */
  mayGoOn(info: RequestInfo, { request }: UpgradeRequest): boolean {
    if (info.kind === 'resource' && info.request.verb === 'watch') {
      return upgradeOf(request.headers) === WEB_SOCKET;
    }
    const asked = this.customSubresource(info);
    return (
      asked?.connects !== undefined || (asked?.tells === true && upgradeOf(request.headers) === WEB_SOCKET)
    );
  }

  /** The subresource that a request is for, where it is one with an answer of its own. */
  customSubresource(info: RequestInfo): CustomSubresource | undefined {
    if (info.kind === 'path') return undefined;
    const { group, version, resource, subresource = '' } = info.request;
    const { subresources = {} } = this.#catalog.find(group, version, resource)?.definition ?? {};
    const found = own(subresources, subresource);
    return found?.kind === 'custom' ? found : undefined;
  }

  /** Whether the answer to a request can be shown as a table. `served`: what it is for, unless it has an answer of its own. */
  showsTables({ request }: ResourceInfo, served: ServedResource | undefined): boolean {
    if (served === undefined) return false;
    const part = own(served.definition.subresources ?? {}, request.subresource ?? '');
    return !(part?.kind === 'part' && part.untabled);
  }
}

/** What a map has under a key of a client's. */
function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/**
 * Whether requests for a resource may have that path: what lies in namespaces is named within one and read from all of them,
 * and what does not lies in none.
 */
function isPlaceOf(
  { namespaced }: { readonly namespaced: boolean },
  { namespace, name }: ApiRequest,
  isListed: boolean,
): boolean {
  if (!namespaced) return namespace === undefined;
  return namespace !== undefined || (isListed && name === undefined);
}
