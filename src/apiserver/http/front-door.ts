import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ApiAnswer, ApiRequest, UserInfo } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';
import { parseExactJson } from '../../apimachinery/exact-json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Random } from '../../apimachinery/random.ts';
import {
  newBadRequest,
  newForbidden,
  newInternalError,
  newUnauthorized,
  StatusError,
} from '../../apimachinery/status-error.ts';
import { StreamRefusal } from '../../apimachinery/streaming/index.ts';
import type { Storage } from '../../storage/storage.ts';
import { ANONYMOUS, type TokenAuthenticator } from '../auth/authenticator.ts';
import { Callers } from '../auth/callers.ts';
import { actingUser } from '../auth/impersonation.ts';
import { type Authorizer, refusal } from '../authorizer.ts';
import type { Catalog } from '../catalog.ts';
import { type HandlerChain, newMethodNotAllowed, newUnknownResource } from '../handler-chain.ts';
import type { Gauges } from '../metrics/metrics-handler.ts';
import type { ServedResource } from '../served-resource.ts';
import { StreamSessions, type UpgradeRequest } from '../streams/stream-sessions.ts';
import type { Log } from '../workings.ts';
import { EventEncoders } from './event-encoder.ts';
import { header, type Incoming, type Outgoing, reply, warningValues } from './exchange.ts';
import type { HostCheck } from './host-check.ts';
import { newRequestTimeout, REQUESTS_IN_FLIGHT_MAX, requestTimeMs, WATCHES_MAX } from './in-flight.ts';
import { StoredText } from './json-text.ts';
import { negotiate, type Representation } from './negotiate.ts';
import { PAGE_NOT_FOUND, type PathHandlers } from './path-handlers.ts';
import { isList, presented } from './presenter.ts';
import type { ProtobufBodies } from './protobuf-bodies.ts';
import { RequestBodies } from './request-bodies.ts';
import { type RequestInfo, requestInfo } from './request-info.ts';
import { includeObject } from './table.ts';
import { WatchResponse } from './watch-response.ts';

/** What the front door leads to and whom it asks. */
export interface FrontDoorOptions {
  readonly chain: HandlerChain;
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly paths: PathHandlers;
  readonly authorizer: Authorizer;
  readonly tokens: readonly TokenAuthenticator[];
  readonly protobuf?: ProtobufBodies;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Bytes from which an answer is compressed for a client that can read it, as upstream has it. */
const GZIP_BYTES_MIN = 128 * 1024;
const compress = promisify(gzip);

/**
 * Takes HTTP requests in: who asks, what for, in which form; hands them to the handler chain and writes its answers. Above
 * it lies a listener, which owns sockets.
 */
export class FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #texts: StoredText;
  readonly #encoders: EventEncoders;
  readonly #watches = new Set<WatchResponse>();
  readonly #callers: Callers;
  readonly #bodies: RequestBodies;
  readonly #sessions: StreamSessions;
  #inFlight = 0;
  #idle: (() => void) | undefined;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    this.#callers = new Callers(options.tokens);
    this.#bodies = new RequestBodies(options.catalog, options.protobuf);
    this.#sessions = new StreamSessions(options.clock);
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
    response.setHeader('Audit-Id', header(request, 'audit-id') ?? this.#options.random.uuid());
    response.setHeader('Cache-Control', 'no-cache, private');
    if (this.#inFlight >= REQUESTS_IN_FLIGHT_MAX) {
      response.setHeader('Retry-After', '1');
      reply(response, 429, 'text/plain; charset=utf-8', 'Too many requests, please try again later.\n');
      return;
    }
    this.#inFlight++;
    try {
      await this.#answer(request, response, hosts, upgrade);
    } catch (error) {
      this.#fail(response, error);
    } finally {
      this.#inFlight--;
      if (this.#inFlight === 0) this.#idle?.();
    }
  }

  /**
   * Answers one request of HTTP/1.1 that asks for an upgrade: by the upgrade where it leads to streams, and otherwise as if
   * it had not asked, without reading a body. Never rejects.
   */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, hosts: HostCheck): Promise<void> {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.once('finish', () => socket.end());
    socket.on('error', () => {}); // A client that has gone is told by the end of the connection.
    await this.handle(request, response, hosts, { request, response, socket, head });
  }

  /** What is under way. */
  gauges(): Gauges {
    return { requestsInFlight: this.#inFlight, watches: this.#watches.size };
  }

  /** Ends all watches, and resolves when the requests under way have been answered. */
  async drain(): Promise<void> {
    this.#sessions.stop();
    for (const watch of this.#watches) watch.stop();
    this.#watches.clear();
    if (this.#inFlight > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
  }

  async #answer(
    request: Incoming,
    response: Outgoing,
    hosts: HostCheck,
    upgrade: UpgradeRequest | undefined,
  ): Promise<void> {
    const host = header(request, ':authority') ?? header(request, 'host');
    if (!hosts.allows(host, header(request, 'origin'))) {
      throw newForbidden('', '', '', `host ${JSON.stringify(host ?? '')} is not a name of this server`);
    }
    const info = requestInfo(request.method ?? 'GET', request.url ?? '/');
    const timeMs = info.kind === 'path' || info.request.verb === 'watch' ? 0 : requestTimeMs(info.request);
    const caller = await this.#callers.identify(request);
    const user = await actingUser(caller, request.headers, this.#options.authorizer);
    if (info.kind === 'path') await this.#path(info, user, request, response);
    else if (info.request.verb === 'watch') await this.#watch(info, user, request, response);
    else await this.#inTime(this.#resource(info, user, request, response, upgrade), timeMs);
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
      path,
      parameters,
      accept,
      user,
      headers: request.headers,
    });
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
    await this.#send(request, response, answer.code, answer.contentType, answer.body);
  }

  async #resource(
    info: Extract<RequestInfo, { kind: 'resource' }>,
    user: UserInfo,
    request: Incoming,
    response: Outgoing,
    upgrade: UpgradeRequest | undefined,
  ): Promise<void> {
    if (user === ANONYMOUS) throw newUnauthorized();
    const { chain, clock } = this.#options;
    const { parameters = {} } = info.request;
    if (!this.#isThere(info, response)) return;
    const served = this.#servedFor(info.request);
    const view = negotiate(
      header(request, 'accept'),
      parameters,
      header(request, 'user-agent'),
      info.collection,
    );
    const include = view.as === 'Table' ? includeObject(parameters) : 'Metadata';
    const aborted = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) aborted.abort();
    });
    const { bodyText, ...body } =
      upgrade === undefined ? await this.#bodies.read(info.request, served, request) : {};
    const context = chain.circumstances(user, { ...info.request, ...body, signal: aborted.signal });
    context.bodyText = bodyText;
    context.userAgent = header(request, 'user-agent') ?? '';
    try {
      const answer = await chain.handle(context);
      this.#warn(response, context.warnings);
      if (answer.kind === 'stream') await this.#stream(response, answer);
      else if (answer.kind === 'connect') {
        if (upgrade === undefined) throw newBadRequest('Upgrade request required');
        await this.#sessions.begin(upgrade, answer);
      } else {
        const stored = context.storedAnswer && served !== undefined && isPlain(view);
        const text = stored ? this.#storedText(served, answer.object) : undefined;
        if (text !== undefined) {
          await this.#send(request, response, answer.code, 'application/json', `${text}\n`);
          return;
        }
        const shown = presented(served, answer.object, view, include, clock.now());
        await this.#object(request, response, answer.code, shown, view);
      }
    } catch (error) {
      this.#warn(response, context.warnings);
      throw error;
    }
  }

  #storedText(served: ServedResource, object: DeepReadonly<object>): string {
    if (isList(served, object)) return this.#texts.list(served, object);
    return this.#texts.object(served, object as DeepReadonly<ApiObject>);
  }

  /** Whether there is anything under that group and version; answers 404 as Go's server does when not. */
  #isThere({ request, collection }: Extract<RequestInfo, { kind: 'resource' }>, response: Outgoing): boolean {
    const { group, version, resource, verb, subresource } = request;
    const { catalog } = this.#options;
    if (!catalog.has(group, version)) {
      reply(response, PAGE_NOT_FOUND.code, PAGE_NOT_FOUND.contentType, PAGE_NOT_FOUND.body);
      return false;
    }
    const served = catalog.find(group, version, resource);
    if (served === undefined && catalog.findVirtual(group, version, resource) === undefined)
      throw newUnknownResource();
    if (verb === 'create' && !collection && subresource === undefined) throw newMethodNotAllowed();
    if ((verb === 'update' || verb === 'patch') && collection) throw newMethodNotAllowed();
    if (subresource !== undefined && !Object.hasOwn(served?.definition.subresources ?? {}, subresource)) {
      throw newUnknownResource();
    }
    return true;
  }

  #servedFor({ group, version, resource, subresource }: ApiRequest): ServedResource | undefined {
    const served = this.#options.catalog.find(group, version, resource);
    if (served === undefined || subresource === undefined) return served;
    return served.definition.subresources?.[subresource]?.kind === 'part' ? served : undefined;
  }

  async #watch(
    info: Extract<RequestInfo, { kind: 'resource' }>,
    user: UserInfo,
    request: Incoming,
    response: Outgoing,
  ): Promise<void> {
    if (user === ANONYMOUS) throw newUnauthorized();
    const { chain, catalog } = this.#options;
    const { parameters = {}, group, version, resource } = info.request;
    if (!this.#isThere(info, response)) return;
    const served = catalog.find(group, version, resource);
    if (served === undefined) throw newMethodNotAllowed();
    const representation = negotiate(header(request, 'accept'), parameters, undefined, true);
    const include = representation.as === 'Table' ? includeObject(parameters) : 'Metadata';
    if (this.#watches.size >= WATCHES_MAX) {
      throw new StatusError(429, 'TooManyRequests', 'too many watches are open', { retryAfterSeconds: 5 });
    }
    const observer = new WatchResponse(response, { served, representation, include }, this.#encoders);
    const watch = await chain.watch(chain.circumstances(user, info.request), observer);
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

  #warn(response: Outgoing, warnings: readonly string[]): void {
    if (warnings.length > 0 && !response.headersSent) response.setHeader('Warning', warningValues(warnings));
  }

  async #object(
    request: Incoming,
    response: Outgoing,
    code: number,
    object: DeepReadonly<object>,
    { format, pretty }: Representation,
  ): Promise<void> {
    if (format === 'yaml') {
      const { stringify } = await import('yaml');
      const plain: unknown = parseExactJson(JSON.stringify(object));
      await this.#send(request, response, code, 'application/yaml', stringify(plain, { version: '1.1' }));
      return;
    }
    const body = `${pretty ? JSON.stringify(object, undefined, 2) : JSON.stringify(object)}\n`;
    await this.#send(request, response, code, 'application/json', body);
  }

  async #stream(response: Outgoing, answer: Extract<ApiAnswer, { kind: 'stream' }>): Promise<void> {
    const out = response as ServerResponse;
    out.statusCode = 200;
    out.setHeader('Content-Type', answer.contentType);
    out.flushHeaders?.();
    for await (const bytes of answer.bytes) {
      if (out.destroyed) break;
      if (!out.write(bytes)) await drained(out);
    }
    out.end();
  }

  async #send(
    request: Incoming,
    response: Outgoing,
    code: number,
    contentType: string,
    body: string | Uint8Array,
  ): Promise<void> {
    if (body.length < GZIP_BYTES_MIN || !/\bgzip\b/.test(header(request, 'accept-encoding') ?? '')) {
      reply(response, code, contentType, body);
      return;
    }
    const bytes = await compress(body, { level: 1 });
    if (response.headersSent) return;
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Vary', 'Accept-Encoding');
    reply(response, code, contentType, bytes);
  }

  #fail(response: Outgoing, error: unknown): void {
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
    const { retryAfterSeconds } = answer.status.details ?? {};
    if (response.headersSent) {
      (response as ServerResponse).destroy();
      return;
    }
    if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
    reply(response, answer.code, 'application/json', `${JSON.stringify(answer.status)}\n`);
  }
}

/** Whether a representation is the object itself in compact JSON. */
function isPlain({ as, format, pretty }: Representation): boolean {
  return as === undefined && format === 'json' && !pretty;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
