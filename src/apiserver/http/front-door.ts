import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';
import { ServerResponse } from '../../apimachinery/node-http.ts';
import type { Random } from '../../apimachinery/random.ts';
import { newForbidden, newInternalError, StatusError } from '../../apimachinery/status-error.ts';
import { StreamRefusal } from '../../apimachinery/streaming/stream-refusal.ts';
import type { Storage } from '../../storage/storage.ts';
import type { TokenAuthenticator } from '../auth/authenticator.ts';
import {
  type Attributes,
  AuthorizationRefusal,
  type Authorizer,
  attributesOf,
  refusal,
} from '../auth/authorizer.ts';
import { Callers } from '../auth/callers.ts';
import { actingUser } from '../auth/impersonation.ts';
import type { Catalog } from '../catalog.ts';
import type { HandlerChain } from '../handler-chain.ts';
import type { Gauges } from '../metrics/metrics-handler.ts';
import { LateSessions } from '../streams/late-sessions.ts';
import type { UpgradeRequest } from '../streams/stream-sessions.ts';
import type { Log } from '../workings.ts';
import { AnswerWriter } from './answer/answer-writer.ts';
import { StoredText } from './answer/json-text.ts';
import { negotiateError, PLAIN_JSON } from './answer/negotiate.ts';
import { RequestBodies } from './body/request-bodies.ts';
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
} from './in-flight.ts';
import type { LoadProtobuf } from './load-protobuf.ts';
import type { PathHandlers } from './path-handlers.ts';
import { type RequestInfo, requestInfo } from './request-info.ts';
import type { RequestObserver } from './request-observer.ts';
import { RequestRecord } from './request-record.ts';
import { RequestTargets } from './request-targets.ts';
import { ResourceRequests } from './resource-requests.ts';
import { Turns } from './turns.ts';
import { WatchRequests } from './watch/watch-requests.ts';

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

/**
 * Takes HTTP requests in: who asks, what for, in which form; hands them to the handler chain and writes its answers. Above
 * it lies a listener, which owns sockets.
 */
export class FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #targets: RequestTargets;
  readonly #resources: ResourceRequests;
  readonly #watches: WatchRequests;
  readonly #sessions: LateSessions;
  readonly #turns = new Turns();
  readonly #callers: Callers;
  readonly #bodies: RequestBodies;
  readonly #inFlight = new InFlight();
  readonly #answers: AnswerWriter;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    this.#answers = new AnswerWriter(options.clock, options.protobuf);
    this.#callers = new Callers(options.tokens);
    this.#bodies = new RequestBodies(options.catalog, options.protobuf);
    this.#targets = new RequestTargets(options.catalog, options.authorizer);
    this.#sessions = new LateSessions(options.clock);
    const shared = {
      chain: options.chain,
      clock: options.clock,
      targets: this.#targets,
      answers: this.#answers,
      texts: new StoredText(options.storage),
      sessions: this.#sessions,
    };
    this.#resources = new ResourceRequests({ ...shared, bodies: this.#bodies });
    this.#watches = new WatchRequests(shared);
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
    if (upgrade !== undefined && !this.#targets.mayGoOn(record.info, upgrade)) {
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
    return {
      mutating: this.#inFlight.count('mutating'),
      readOnly: this.#inFlight.count('readOnly'),
      watches: this.#watches.counts(),
      bodyBytes: this.#bodies.bytesHeld,
    };
  }

  /** Ends all watches, and resolves when the requests under way have been answered. */
  async drain(): Promise<void> {
    this.#watches.stop();
    await this.#sessions.stop();
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
    if (info.kind === 'path' && info.fault !== undefined) {
      reply(response, info.fault.code, 'text/plain; charset=utf-8', info.fault.text);
      return;
    }
    const timeMs = info.kind === 'path' ? timeoutMs(info.parameters['timeout']) : requestTimeMs(info.request);
    const caller = await this.#callers.identify(request, (text) => this.#answers.warn(response, [text]));
    record.caller = caller;
    record.user = caller;
    const asked = (): Attributes =>
      info.kind === 'path' ? { ...info, user: caller } : attributesOf(caller, info.request);
    const { authorizer } = this.#options;
    const { user, constraint } = await actingUser(caller, request.rawHeaders, asked, authorizer);
    record.user = user;
    record.constraint = constraint;
    if (info.kind === 'path') await this.#path(info, user, request, response);
    else if (info.request.verb === 'watch') {
      await this.#watches.answer({ info, user, record, response, upgrade });
    } else {
      const answered = this.#resources.answer({ info, user, record, response, upgrade });
      await (record.kind === 'long-running' ? answered : this.#inTime(answered, timeMs));
    }
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
    if (!decision.allowed) throw refusal(attributes, decision.reason);
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
    if (answer instanceof AuthorizationRefusal && !response.headersSent) {
      response.setHeader('X-Content-Type-Options', 'nosniff');
    }
    const { request, info } = record;
    const parameters = (info?.kind === 'path' ? info.parameters : info?.request.parameters) ?? {};
    const view = negotiateError(header(request, 'accept'), parameters, header(request, 'user-agent'));
    await this.#answers.error(request, response, answer, view);
  }
}

function kindOf(info: RequestInfo): InFlightKind {
  if (info.kind === 'path') return 'readOnly';
  const { request } = info;
  if (isLongRunning(request)) return 'long-running';
  return request.verb === 'get' || request.verb === 'list' ? 'readOnly' : 'mutating';
}
