import type { ApiAnswer, ApiRequest, UserInfo } from '../apimachinery/api-request.ts';
import { cloneJson, isJsonObject } from '../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import {
  newBadRequest,
  newForbidden,
  newMethodNotSupported,
  StatusError,
} from '../apimachinery/status-error.ts';
import type { Watch, WatchObserver } from '../apimachinery/watch-event.ts';
import { type Authorizer, attributesOf, refusal } from './auth/authorizer.ts';
import type { BodyReader } from './body-reader.ts';
import { Circumstances } from './circumstances.ts';
import type { RequestMetrics } from './metrics/request-metrics.ts';
import { PLAIN_WRITE, writeOptions } from './options/write-options.ts';
import type {
  Backend,
  BodyDefaults,
  CustomSubresource,
  InnerUpdate,
  PartSubresource,
  RequestContext,
  VirtualResource,
} from './resource.ts';
import type { ServedResource } from './served-resource.ts';
import { create } from './verbs/create.ts';
import { remove } from './verbs/delete.ts';
import { deleteCollection } from './verbs/delete-collection.ts';
import { findObject, get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { getMadeAnew, listMadeAnew } from './verbs/made-anew.ts';
import { patch } from './verbs/patch.ts';
import { answerForFault } from './verbs/storage-answers.ts';
import { update } from './verbs/update.ts';
import { updateObject } from './verbs/update-object.ts';
import { watch } from './verbs/watch.ts';
import type { Workings } from './workings.ts';
import { trackedBody } from './writes/field-ownership.ts';
import { settleNamespace } from './writes/object-meta.ts';

/** 404 for a path behind which no resource lies. */
export function newUnknownResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** 405 for a resource that does not do that. */
export function newMethodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** A copy of an object and of its parts (`metadata`, `spec`, `status`), one level deep: what lies below is shared. */
function draftOf(object: DeepReadonly<object>): ApiObject {
  const draft: Record<string, unknown> = { ...object };
  for (const [name, part] of Object.entries(draft)) if (isJsonObject(part)) draft[name] = { ...part };
  return draft as unknown as ApiObject;
}

/** Rules for a write that code of the server itself makes and answers for. */
const NO_RULES: PartSubresource<ApiObject> = {
  kind: 'part',
  verbs: [],
  prepareForUpdate: () => {},
  validateUpdate: () => [],
};

/**
 * What every request goes through, whichever way it came: authorization, then the resource's verb. Below it lies the
 * store, above it a transport.
 */
export class HandlerChain {
  readonly #workings: Workings;
  readonly #authorizer: Authorizer;
  readonly #metrics: RequestMetrics;

  constructor(workings: Omit<Workings, 'backend'>, authorizer: Authorizer, metrics: RequestMetrics) {
    this.#workings = { ...workings, backend: this.#backend() };
    this.#authorizer = authorizer;
    this.#metrics = metrics;
  }

  /** The circumstances of a new request by that user. */
  circumstances(user: UserInfo, request: ApiRequest): Circumstances {
    return new Circumstances(user, request, this.#workings.clock.now());
  }

  /** Answers any verb but watch. Throws StatusError. */
  async handle(context: Circumstances): Promise<ApiAnswer> {
    const { clock } = this.#workings;
    const start = clock.monotonic();
    try {
      await this.#authorize(context);
      this.#warnOfDeprecation(context);
      const answer = await this.#dispatch(context);
      const code = answer.kind === 'object' ? answer.code : answer.kind === 'connect' ? 101 : 200;
      this.#metrics.note(context.request, code, clock.monotonic() - start);
      return answer;
    } catch (error) {
      const fault = answerForFault(error);
      const code = fault instanceof StatusError ? fault.code : 500;
      this.#metrics.note(context.request, code, clock.monotonic() - start);
      throw fault;
    }
  }

  /** Opens a watch. Throws StatusError. */
  async watch(context: Circumstances, observer: WatchObserver): Promise<Watch> {
    await this.#authorize(context);
    const { request } = context;
    const { group, version, resource } = request;
    if (this.#workings.catalog.findVirtual(group, version, resource) !== undefined)
      throw newMethodNotAllowed();
    const served = this.#served(request);
    if (request.subresource !== undefined) throw newMethodNotAllowed();
    this.#warnOfDeprecation(context);
    if (!served.verbs.has('watch')) throw newMethodNotSupported(group, resource, 'watch');
    try {
      return await watch(this.#workings, served, context, observer);
    } catch (error) {
      throw answerForFault(error);
    }
  }

  async #authorize(context: Circumstances): Promise<void> {
    const attributes = attributesOf(context.user, context.request);
    const outcome = this.#authorizer.authorize(attributes);
    const decision = outcome instanceof Promise ? await outcome : outcome;
    context.decision = decision;
    if (!decision.allowed) throw refusal(attributes, decision.reason);
  }

  #warnOfDeprecation(context: Circumstances): void {
    const { group, version, resource } = context.request;
    const text = this.#workings.catalog.find(group, version, resource)?.definition.deprecation;
    if (text !== undefined) context.warn(text);
  }

  #served({ group, version, resource }: ApiRequest): ServedResource {
    const served = this.#workings.catalog.find(group, version, resource);
    if (served === undefined) throw newUnknownResource();
    return served;
  }

  async #dispatch(context: Circumstances): Promise<ApiAnswer> {
    const { request } = context;
    const { catalog } = this.#workings;
    const virtual = catalog.findVirtual(request.group, request.version, request.resource);
    if (virtual !== undefined && request.subresource === undefined) {
      return this.#virtual(virtual, context);
    }
    const served = this.#served(request);
    if (request.subresource !== undefined) return this.#subresource(served, context);
    if (!served.verbs.has(request.verb)) throw newMethodNotAllowed();
    const { objects } = served.definition;
    switch (request.verb) {
      case 'get':
        return objects === undefined
          ? get(this.#workings, served, context)
          : getMadeAnew(served, objects, context);
      case 'list':
        return objects === undefined
          ? list(this.#workings, served, context)
          : listMadeAnew(served, objects, context);
      case 'create':
        return create(this.#workings, served, context);
      case 'update':
        return update(this.#workings, served, context);
      case 'patch':
        return patch(this.#workings, served, context);
      case 'delete':
        return remove(this.#workings, served, context);
      case 'deletecollection':
        return deleteCollection(this.#workings, served, context);
      case 'watch':
        throw newMethodNotSupported(request.group, request.resource, 'watch');
    }
  }

  #virtual(virtual: VirtualResource, context: Circumstances): Promise<ApiAnswer> {
    const { request } = context;
    const { backend } = this.#workings;
    if (request.verb === 'create' && virtual.create !== undefined) {
      const asked = this.#withBody(virtual, virtual.schema, virtual, context);
      return virtual.create(asked, context, backend);
    }
    if (request.verb === 'get' && virtual.reads !== undefined)
      return virtual.reads.get(request, context, backend);
    if (request.verb === 'list' && virtual.reads !== undefined)
      return virtual.reads.list(request, context, backend);
    throw newMethodNotAllowed();
  }

  #subresource(served: ServedResource, context: Circumstances): Promise<ApiAnswer> {
    const { request } = context;
    const { subresource = '' } = request;
    const known = served.definition.subresources ?? {};
    const found: PartSubresource<ApiObject> | CustomSubresource | undefined = Object.hasOwn(
      known,
      subresource,
    )
      ? known[subresource]
      : undefined;
    if (found === undefined) throw newUnknownResource();
    const verbs: readonly string[] = found.verbs;
    if (!verbs.includes(request.verb)) throw newMethodNotAllowed();
    if (found.kind === 'custom') {
      if (found.connects !== undefined) return this.#connect(found, context);
      const { body } = found;
      const asked =
        body?.schema === undefined || request.verb !== 'create'
          ? request
          : this.#withBody(body, body.schema, served.definition, context);
      context.requireBody();
      return found.handle(asked, context, this.#workings.backend);
    }
    switch (request.verb) {
      case 'update':
        return update(this.#workings, served, context, found);
      case 'patch':
        return patch(this.#workings, served, context, found);
      default:
        return get(this.#workings, served, context);
    }
  }

  /** The request with its body decoded by its schema, in the namespace that it was sent to. Throws 400. */
  #withBody(
    type: Parameters<BodyReader['readReview']>[0] & BodyDefaults,
    schema: string,
    definition: { readonly namespaced: boolean },
    context: Circumstances,
  ): ApiRequest {
    const { request } = context;
    const options = writeOptions('CreateOptions', request);
    context.requireBody();
    const body = this.#workings.bodies.readReview(type, schema, request.body, options, context);
    settleNamespace({ definition }, body as ApiObject, request.namespace);
    type.applyDefaults?.(body);
    const kindSchema = this.#workings.bodies.schemaNamed(schema);
    return { ...request, body: trackedBody(type, kindSchema, body, options, context) };
  }

  async #connect(found: CustomSubresource, context: Circumstances): Promise<ApiAnswer> {
    const { request, user } = context;
    if (request.parameters?.['dryRun'] !== undefined) throw newBadRequest('dryRun is not supported');
    if (request.verb !== 'create' && !found.proxies) {
      const attributes = attributesOf(user, { ...request, verb: 'create' });
      const { allowed, reason = '' } = await this.#authorizer.authorize(attributes);
      if (!allowed) throw newForbidden(request.group, request.resource, request.name ?? '', reason);
    }
    return found.handle(request, context, this.#workings.backend);
  }

  #backend(): Backend {
    const storage = () => this.#workings.storage;
    return {
      get storage() {
        return storage();
      },
      get: (request) =>
        findObject(this.#workings, this.#served(request), request.namespace, request.name ?? ''),
      update: (request, change, context, options) => this.#change(request, change, context, options),
      call: (request, context) => this.#call(request, context),
    };
  }

  async #change(
    request: ApiRequest,
    change: (object: ApiObject) => void,
    context: RequestContext,
    how: InnerUpdate = {},
  ): Promise<DeepReadonly<ApiObject>> {
    const inner = new Circumstances(context.user, request, context.now);
    inner.program = how.program ?? '';
    const options = { ...PLAIN_WRITE, dryRun: how.dryRun ?? false };
    const rules = how.raw ? NO_RULES : undefined;
    const served = this.#served(request);
    const { sharesUnchanged = false } = served.definition.strategy;
    const produce = (old: DeepReadonly<ApiObject> | undefined): ApiObject => {
      const object = sharesUnchanged ? draftOf(old ?? {}) : (cloneJson(old ?? {}) as ApiObject);
      change(object);
      return object;
    };
    const outcome = await updateObject(this.#workings, served, rules, produce, options, inner, {
      mayCreate: false,
      derived: true,
      tracked: how.program === undefined,
    });
    for (const text of inner.warnings) context.warn(text);
    return outcome.object;
  }

  async #call(request: ApiRequest, context: RequestContext): Promise<ApiAnswer> {
    const inner = new Circumstances(context.user, request, context.now);
    const answer = await this.#dispatch(inner);
    for (const text of inner.warnings) context.warn(text);
    return answer;
  }
}
