import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ApiRequest, HttpBackend, UserInfo } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { ServerResponse } from '../../apimachinery/node-http.ts';
import type { Random } from '../../apimachinery/random.ts';
import {
  newBadRequest,
  newForbidden,
  newInternalError,
  newUnauthorized,
  StatusError,
} from '../../apimachinery/status-error.ts';
import { StreamRefusal } from '../../apimachinery/streaming/stream-refusal.ts';
import type { Storage } from '../../storage/storage.ts';
import { ANONYMOUS, type TokenAuthenticator } from '../auth/authenticator.ts';
import { Callers } from '../auth/callers.ts';
import { actingUser } from '../auth/impersonation.ts';
import { type Attributes, type Authorizer, attributesOf, refusal } from '../authorizer.ts';
import type { Catalog } from '../catalog.ts';
import { type HandlerChain, newMethodNotAllowed, newUnknownResource } from '../handler-chain.ts';
import type { Gauges } from '../metrics/metrics-handler.ts';
import type { CustomSubresource } from '../resource.ts';
import type { ServedResource } from '../served-resource.ts';
import type { StreamSessions, UpgradeRequest } from '../streams/stream-sessions.ts';
import { upgradeOf, WEB_SOCKET } from '../streams/upgrade.ts';
import type { Log } from '../workings.ts';
import { AnswerWriter } from './answer-writer.ts';
import { EventEncoders } from './event-encoder.ts';
import { header, type Incoming, type Outgoing, reply } from './exchange.ts';
import type { HostCheck } from './host-check.ts';
import {
  InFlight,
  type InFlightKind,
  isLongRunning,
  newRequestTimeout,
  RETRY_AFTER_SECONDS,
  requestTimeMs,
  timeoutMs,
  WATCHES_MAX,
} from './in-flight.ts';
import { StoredText } from './json-text.ts';
import type { LoadProtobuf } from './load-protobuf.ts';
import { negotiate, negotiateError, negotiateWatch, PLAIN_JSON, type Representation } from './negotiate.ts';
import { PAGE_NOT_FOUND, type PathHandlers } from './path-handlers.ts';
import { isList, presented } from './presenter.ts';
import { RequestBodies } from './request-bodies.ts';
import { type RequestInfo, requestInfo } from './request-info.ts';
import type { RequestObserver } from './request-observer.ts';
import { RequestRecord } from './request-record.ts';
import { includeObject } from './table.ts';
import { Turns } from './turns.ts';
import { WatchResponse } from './watch-response.ts';

/** What the front door leads to and whom it asks. */
export interface FrontDoorOptions {
  readonly chain: HandlerChain;
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly paths: PathHandlers;
  readonly authorizer: Authorizer;
  readonly tokens: readonly TokenAuthenticator[];
  readonly protobuf?: LoadProtobuf;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told of every request. */
  readonly observer: RequestObserver;
}

/** Letters of a request's id that are kept of a client's own, upstream's. */
const AUDIT_ID_LETTERS_MAX = 64;

/** Milliseconds that a client gets to read the answer to an upgrade that was none. */
const LINGER_MS = 500;

/** Methods by which resources are served. */
const SERVED_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Methods beside these that `proxy` hands on. */
const HANDED_ON_METHODS: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS']);

type ResourceInfo = Extract<RequestInfo, { kind: 'resource' }>;

/**
 * Takes HTTP requests in: who asks, what for, in which form; hands them to the handler chain and writes its answers. Above
 * it lies a listener, which owns sockets.
 */
export class FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #texts: StoredText;
  readonly #encoders: EventEncoders;
  readonly #watches = new Set<WatchResponse>();
  readonly #turns = new Turns();
  readonly #callers: Callers;
  readonly #bodies: RequestBodies;
  /** Loaded when the first comes. */
  #sessions: Promise<StreamSessions> | undefined;
  readonly #inFlight = new InFlight();
  readonly #answers: AnswerWriter;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    this.#answers = new AnswerWriter(options.clock, options.protobuf);
    this.#callers = new Callers(options.tokens);
    this.#bodies = new RequestBodies(options.catalog, options.protobuf);
    this.#texts = new StoredText(options.storage);
    this.#encoders = new EventEncoders(this.#texts, () => options.clock.now());
  }

  /** Answers one request. Never rejects. */
  async handle(
    request: Incoming,
    response: Outgoing,
    hosts: HostCheck,
    upgrade?: UpgradeRequest,
  ): Promise<void> {
    const turn = upgrade !== undefined || this.#turns.take(request, response);
    if (turn !== true && !(await turn)) return;
    const { clock, random, observer } = this.#options;
    const id = header(request, 'audit-id')?.slice(0, AUDIT_ID_LETTERS_MAX) || random.uuid();
    const record = new RequestRecord(request, id, clock.now(), clock.monotonic());
    response.setHeader('Audit-Id', id);
    response.setHeader('Cache-Control', 'no-cache, private');
    record.info = requestInfo(request.method ?? 'GET', request.url ?? '/');
    record.kind = kindOf(record.info);
    if (upgrade !== undefined && !this.#mayGoOn(record.info, upgrade)) {
      // Nobody reads from this connection any more, and so nobody else would see it end.
      upgrade.socket.once('end', () => upgrade.socket.destroy()).resume();
    }
    if (this.#inFlight.enter(record.kind)) {
      try {
        await this.#answer(record, record.info, response, hosts, upgrade);
      } catch (error) {
        await this.#fail(record, response, error);
      } finally {
        this.#inFlight.leave(record.kind);
      }
    } else {
      response.setHeader('Retry-After', String(RETRY_AFTER_SECONDS));
      reply(response, 429, 'text/plain; charset=utf-8', 'Too many requests, please try again later.\n');
    }
    observer.answered(record, response);
  }

  /**
   * Answers one request of HTTP/1.1 that asks for an upgrade: by the upgrade where it leads to streams, and otherwise as if
   * it had not asked, without reading a body. Never rejects.
   */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, hosts: HostCheck): Promise<void> {
    if (!this.#turns.isIdle(socket)) {
      // It was sent without waiting for the answer before, which has the connection. No client that means streams does so.
      socket.destroy();
      return;
    }
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.once('finish', () => {
      socket.end();
      socket.resume();
      this.#options.clock.after(LINGER_MS, () => socket.destroy(), { background: true });
    });
    socket.on('error', () => {}); // A client that has gone is told by the end of the connection.
    await this.handle(request, response, hosts, { request, response, socket, head });
  }

  /** What is under way. */
  gauges(): Gauges {
    const watches = new Map<ServedResource, number>();
    for (const { served } of this.#watches) watches.set(served, (watches.get(served) ?? 0) + 1);
    return {
      mutating: this.#inFlight.count('mutating'),
      readOnly: this.#inFlight.count('readOnly'),
      watches,
      bodyBytes: this.#bodies.bytesHeld,
    };
  }

  /** Ends all watches, and resolves when the requests under way have been answered. */
  async drain(): Promise<void> {
    (await this.#sessions)?.stop();
    for (const watch of this.#watches) watch.stop();
    this.#watches.clear();
    await this.#inFlight.drained();
  }

  async #answer(
    record: RequestRecord,
    info: RequestInfo,
    response: Outgoing,
    hosts: HostCheck,
    upgrade: UpgradeRequest | undefined,
  ): Promise<void> {
    const { request } = record;
    const host = header(request, ':authority') ?? header(request, 'host');
    if (!hosts.allows(host, header(request, 'origin'))) {
      throw newForbidden('', '', '', `host ${JSON.stringify(host ?? '')} is not a name of this server`);
    }
    const timeMs = info.kind === 'path' ? timeoutMs(info.parameters['timeout']) : requestTimeMs(info.request);
    const caller = await this.#callers.identify(request);
    record.caller = caller;
    record.user = caller;
    const asked = (): Attributes =>
      info.kind === 'path' ? { ...info, user: caller } : attributesOf(caller, info.request);
    const { authorizer } = this.#options;
    const { user, constraint } = await actingUser(caller, request.rawHeaders, asked, authorizer);
    record.user = user;
    record.constraint = constraint;
    if (info.kind === 'path') await this.#path(info, user, request, response);
    else if (info.request.verb === 'watch') await this.#watch(info, user, record, response);
    else if (record.kind === 'long-running') await this.#resource(info, user, record, response, upgrade);
    else await this.#inTime(this.#resource(info, user, record, response, upgrade), timeMs);
  }

  async #path(
    info: Extract<RequestInfo, { kind: 'path' }>,
    user: UserInfo,
    request: Incoming,
    response: Outgoing,
  ): Promise<void> {
    const { path, verb, parameters } = info;
    const attributes = { kind: 'path', user, verb, path } as const;
    const decision = await this.#options.authorizer.authorize(attributes);
    if (!decision.allowed) {
      throw user === ANONYMOUS ? newUnauthorized() : refusal(attributes, decision.reason);
    }
    const accept = header(request, 'accept');
    const answer = await this.#options.paths.answer({
      method: request.method ?? 'GET',
      path,
      parameters,
      query: request.url?.split('?')[1] ?? '',
      accept,
      user,
      headers: request.headers,
    });
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
    const { code, contentType, document, format } = answer;
    if (document !== undefined && format !== undefined) {
      await this.#answers.object(request, response, code, document, { ...PLAIN_JSON, format }, contentType);
    } else await this.#answers.text(request, response, code, contentType, answer.body);
  }

  async #resource(
    info: ResourceInfo,
    user: UserInfo,
    record: RequestRecord,
    response: Outgoing,
    upgrade: UpgradeRequest | undefined,
  ): Promise<void> {
    if (user === ANONYMOUS) throw newUnauthorized();
    const { chain, clock } = this.#options;
    const { request, traceparent } = record;
    const { parameters = {} } = info.request;
    if (!(await this.#isServed(info, user, request.method ?? 'GET', response))) return;
    const served = this.#servedFor(info.request);
    const asks = this.#customSubresource(info);
    const view = asks?.proxies
      ? PLAIN_JSON // Its client may read what the backend has to show, and need not read what we would.
      : negotiate(
          header(request, 'accept'),
          parameters,
          header(request, 'user-agent'),
          info.collection && info.request.verb === 'list',
          served !== undefined || asks?.connects !== undefined,
        );
    const include = view.as === 'Table' ? includeObject(parameters) : 'Metadata';
    const aborted = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) aborted.abort();
    });
    const hasBody = upgrade === undefined && asks?.connects === undefined;
    const read = hasBody ? await this.#bodies.read(info.request, served, request) : {};
    const { fault, bodyText, ...body } = read;
    const trace = traceparent === undefined ? {} : { traceparent };
    const asked: ApiRequest = { ...info.request, ...body, ...trace, signal: aborted.signal };
    const context = chain.circumstances(user, asked);
    record.context = context;
    context.bodyText = bodyText;
    context.bodyFault = fault;
    context.userAgent = header(request, 'user-agent') ?? '';
    try {
      const answer = await chain.handle(context);
      this.#answers.warn(response, context.warnings);
      if (answer.kind === 'stream' && upgrade !== undefined && this.#mayGoOn(info, upgrade)) {
        upgrade.socket.once('close', () => aborted.abort());
        await (await this.#streams()).tell(upgrade, answer.bytes);
        record.upgraded = true;
      } else if (answer.kind === 'stream') await this.#answers.stream(response, answer);
      else if (answer.kind === 'connect') {
        const { streams } = answer;
        if (streams.kind === 'http') await this.#handOn(streams.backend, info, record, response, upgrade);
        else {
          if (upgrade === undefined) throw newBadRequest('Upgrade request required');
          await (await this.#streams()).begin(upgrade, streams);
          record.upgraded = true;
        }
      } else {
        const stored = context.storedAnswer && served !== undefined && isPlain(view);
        if (stored) {
          await this.#stored(served, request, response, answer.code, answer.object);
          return;
        }
        const shown = presented(served, answer.object, view, include, clock.now());
        await this.#answers.object(request, response, answer.code, shown, view);
      }
    } catch (error) {
      this.#answers.warn(response, context.warnings);
      throw error;
    }
  }

  /** Hands a request on to its backend. */
  async #handOn(
    backend: HttpBackend,
    info: ResourceInfo,
    record: RequestRecord,
    response: Outgoing,
    upgrade: UpgradeRequest | undefined,
  ): Promise<void> {
    const { handOn, handOnUpgrade } = await import('../streams/http-proxy.ts');
    const errand = { backend, rest: info.request.rest ?? '', from: record.remoteAddress };
    if (upgrade === undefined) {
      await handOn(errand, record.request, response);
      return;
    }
    const sessions = await this.#streams();
    sessions.assertRoom();
    record.upgraded = await handOnUpgrade(errand, upgrade);
    if (record.upgraded) sessions.add(upgrade.socket);
  }

  /** Sends the store's own objects by their texts. */
  async #stored(
    served: ServedResource,
    request: Incoming,
    response: Outgoing,
    code: number,
    object: DeepReadonly<object>,
  ): Promise<void> {
    const json = 'application/json';
    if (isList(served, object)) {
      await this.#answers.pieces(request, response, code, json, this.#texts.list(served, object));
      return;
    }
    const text = this.#texts.object(served, object as DeepReadonly<ApiObject>);
    await this.#answers.text(request, response, code, json, `${text}\n`);
  }

  /**
   * Whether there is anything under that group; answers 404 as Go's server does when not. Whoever may not ask for it does
   * not learn either whether it is there.
   */
  async #isServed(info: ResourceInfo, user: UserInfo, method: string, response: Outgoing): Promise<boolean> {
    try {
      if (this.#options.catalog.hasGroup(info.request.group)) {
        this.#assertThere(info, method);
        return true;
      }
    } catch (error) {
      await this.#assertAllowed(info, user);
      throw error;
    }
    await this.#assertAllowed(info, user);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    reply(response, PAGE_NOT_FOUND.code, PAGE_NOT_FOUND.contentType, PAGE_NOT_FOUND.body);
    return false;
  }

  async #assertAllowed({ request }: ResourceInfo, user: UserInfo): Promise<void> {
    const attributes = attributesOf(user, request);
    const decision = await this.#options.authorizer.authorize(attributes);
    if (!decision.allowed) throw refusal(attributes, decision.reason);
  }

  /** Throws 404 unless the group has that resource, and 405 for a method that it is not served by. */
  #assertThere({ request, collection }: ResourceInfo, method: string): void {
    const { group, version, resource, verb, subresource, rest } = request;
    const { catalog } = this.#options;
    const served = catalog.find(group, version, resource);
    const found = served?.definition ?? catalog.findVirtual(group, version, resource);
    if (found === undefined || !isPlaceOf(found, request, served !== undefined)) throw newUnknownResource();
    const { subresources = {} } = served?.definition ?? {};
    const below = subresource === undefined ? undefined : own(subresources, subresource);
    if (subresource !== undefined && below === undefined) throw newUnknownResource();
    const proxies = below?.kind === 'custom' && below.proxies === true;
    if (rest !== undefined && !proxies) throw newUnknownResource();
    const everywhere = found.namespaced && request.namespace === undefined;
    const isServed = SERVED_METHODS.has(method) || (proxies && HANDED_ON_METHODS.has(method));
    if (!isServed || (everywhere && verb !== 'list' && verb !== 'watch')) throw newMethodNotAllowed();
    if (verb === 'create' && !collection && subresource === undefined) throw newMethodNotAllowed();
    if ((verb === 'update' || verb === 'patch') && collection) throw newMethodNotAllowed();
  }

  #servedFor({ group, version, resource, subresource }: ApiRequest): ServedResource | undefined {
    const served = this.#options.catalog.find(group, version, resource);
    if (served === undefined || subresource === undefined) return served;
    return served.definition.subresources?.[subresource]?.kind === 'part' ? served : undefined;
  }

  /** Whether the connection of an upgrade may become another than one for requests. */
  #mayGoOn(info: RequestInfo, { request }: UpgradeRequest): boolean {
    const asked = this.#customSubresource(info);
    return (
      asked?.connects !== undefined || (asked?.tells === true && upgradeOf(request.headers) === WEB_SOCKET)
    );
  }

  #customSubresource(info: RequestInfo): CustomSubresource | undefined {
    if (info.kind === 'path') return undefined;
    const { group, version, resource, subresource = '' } = info.request;
    const { subresources = {} } = this.#options.catalog.find(group, version, resource)?.definition ?? {};
    const found = own(subresources, subresource);
    return found?.kind === 'custom' ? found : undefined;
  }

  #streams(): Promise<StreamSessions> {
    const { clock } = this.#options;
    this.#sessions ??= import('../streams/stream-sessions.ts').then(
      (streams) => new streams.StreamSessions(clock),
    );
    return this.#sessions;
  }

  async #watch(info: ResourceInfo, user: UserInfo, record: RequestRecord, response: Outgoing): Promise<void> {
    if (user === ANONYMOUS) throw newUnauthorized();
    const { request } = record;
    const { chain, catalog } = this.#options;
    const { parameters = {}, group, version, resource } = info.request;
    if (!(await this.#isServed(info, user, request.method ?? 'GET', response))) return;
    const served = catalog.find(group, version, resource);
    if (served === undefined) throw newMethodNotAllowed();
    const representation = negotiateWatch(header(request, 'accept'), parameters);
    const include = representation.as === 'Table' ? includeObject(parameters) : 'Metadata';
    if (this.#watches.size >= WATCHES_MAX) {
      throw new StatusError(429, 'TooManyRequests', 'too many watches are open', { retryAfterSeconds: 5 });
    }
    const protobuf = representation.format === 'protobuf' ? await this.#answers.protobuf() : undefined;
    const view = { served, representation, include };
    const observer = new WatchResponse(response, view, this.#encoders.of(view, protobuf));
    const context = chain.circumstances(user, info.request);
    record.context = context;
    const watch = await chain.watch(context, observer);
    this.#watches.add(observer);
    response.on('close', () => this.#watches.delete(observer));
    observer.start(watch);
  }

  /** Gives up on a request that takes too long; its write may still come about. */
  #inTime(work: Promise<void>, timeMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(newRequestTimeout());
      const timer = this.#options.clock.after(timeMs, late, { background: true });
      work.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  async #fail(record: RequestRecord, response: Outgoing, error: unknown): Promise<void> {
    if (error instanceof StreamRefusal) {
      reply(response, error.code, 'text/plain; charset=utf-8', error.message);
      return;
    }
    let answer: StatusError;
    if (error instanceof StatusError) answer = error;
    else {
      this.#options.log.error({ err: error }, 'a request failed for a reason of our own');
      answer = newInternalError(error);
    }
    record.fault = answer.status;
    const { request, info } = record;
    const parameters = (info?.kind === 'path' ? info.parameters : info?.request.parameters) ?? {};
    const view = negotiateError(header(request, 'accept'), parameters, header(request, 'user-agent'));
    await this.#answers.error(request, response, answer, view);
  }
}

/** What a map has under a key of a client's. */
function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function kindOf(info: RequestInfo): InFlightKind {
  if (info.kind === 'path') return 'readOnly';
  const { request } = info;
  if (isLongRunning(request)) return 'long-running';
  return request.verb === 'get' || request.verb === 'list' ? 'readOnly' : 'mutating';
}

/** Whether a representation is the object itself in compact JSON. */
function isPlain({ as, format, pretty }: Representation): boolean {
  return as === undefined && format === 'json' && !pretty;
}

/**
 * Whether requests for a resource may have that path: what lies in namespaces is named within one and read from all of them,
 * and what does not lies in none.
 */
function isPlaceOf(
  { namespaced }: { readonly namespaced: boolean },
  { namespace, name }: ApiRequest,
  isStored: boolean,
): boolean {
  if (!namespaced) return namespace === undefined;
  return namespace !== undefined || (isStored && name === undefined);
}
