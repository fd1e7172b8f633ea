import type { ServerResponse } from 'node:http';
import type { ApiRequest, ConnectAnswer, HttpBackend, UserInfo } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newBadRequest } from '../../apimachinery/status-error.ts';
import { ANONYMOUS } from '../auth/authenticator.ts';
import type { HandlerChain } from '../handler-chain.ts';
import type { ServedResource } from '../served-resource.ts';
import type { LateSessions } from '../streams/late-sessions.ts';
import type { UpgradeRequest } from '../streams/stream-sessions.ts';
import type { AnswerWriter } from './answer/answer-writer.ts';
import type { StoredText } from './answer/json-text.ts';
import { negotiate, PLAIN_JSON, type Representation } from './answer/negotiate.ts';
import { isList, presented } from './answer/presenter.ts';
import { includeObject } from './answer/table.ts';
import type { RequestBodies } from './body/request-bodies.ts';
import { header, type Incoming, type Outgoing } from './exchange.ts';
import type { RequestRecord } from './request-record.ts';
import type { RequestTargets, ResourceInfo } from './request-targets.ts';

/** What answering requests for resources depends on. */
export interface ResourceRequestsOptions {
  readonly chain: HandlerChain;
  readonly targets: RequestTargets;
  readonly bodies: RequestBodies;
  readonly answers: AnswerWriter;
  readonly texts: StoredText;
  readonly sessions: LateSessions;
  readonly clock: Clock;
}

/** A request for a resource under way. */
export interface ResourceExchange {
  readonly info: ResourceInfo;
  readonly user: UserInfo;
  readonly record: RequestRecord;
  readonly response: Outgoing;
  /** Present where its connection is to become another than one for requests. */
  readonly upgrade: UpgradeRequest | undefined;
}

/** Answers requests for resources but watches: reads the body, asks the handler chain, shows what it answers. */
export class ResourceRequests {
  readonly #options: ResourceRequestsOptions;

  constructor(options: ResourceRequestsOptions) {
    this.#options = options;
  }

  /** Answers one. Rejects with the error to answer. */
  async answer(exchange: ResourceExchange): Promise<void> {
    const { info, user, record, response, upgrade } = exchange;
    const { chain, targets, bodies, answers } = this.#options;
    // Nobody's body is read of whom nobody knows, unless there is something that anybody may do.
    if (user === ANONYMOUS) await targets.assertAllowed(info, user);
    const { request, traceparent } = record;
    const { parameters = {} } = info.request;
    if (!(await targets.isServed(info, user, request.method ?? 'GET', response))) return;
    const served = targets.servedFor(info.request);
    const asks = targets.customSubresource(info);
    const view = asks?.proxies
      ? PLAIN_JSON // Its client may read what the backend has to show, and need not read what we would.
      : this.#view(exchange, served, targets.showsTables(info, served) || asks?.connects !== undefined);
    const aborted = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) aborted.abort();
    });
    const hasBody = upgrade === undefined && asks?.connects === undefined;
    const read = hasBody ? await bodies.read(info.request, served, request) : {};
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
      answers.warn(response, context.warnings);
      if (answer.kind === 'stream' && upgrade !== undefined && targets.mayGoOn(info, upgrade)) {
        upgrade.socket.once('close', () => aborted.abort());
        await (await this.#options.sessions.open()).tell(upgrade, answer.bytes);
        record.upgraded = true;
      } else if (answer.kind === 'stream') await answers.stream(response, answer);
      else if (answer.kind === 'connect') await this.#connect(answer, exchange);
      else if (context.storedAnswer && served !== undefined && isPlain(view)) {
        await this.#stored(served, request, response, answer.code, answer.object);
      } else {
        const include = view.as === 'Table' ? includeObject(parameters) : 'Metadata';
        const shown = presented(served, answer.object, view, include, this.#options.clock.now());
        await answers.object(request, response, answer.code, shown, view);
      }
    } catch (error) {
      answers.warn(response, context.warnings);
      throw error;
    }
  }

  /** In what form to answer. Throws 406, which warns as any other answer does. */
  #view(
    { info, record, response }: ResourceExchange,
    served: ServedResource | undefined,
    tables: boolean,
  ): Representation {
    const { request } = record;
    const { parameters = {} } = info.request;
    try {
      const isList = info.collection && info.request.verb === 'list';
      return negotiate(header(request, 'accept'), parameters, header(request, 'user-agent'), isList, tables);
    } catch (error) {
      const deprecation = served?.definition.deprecation;
      if (deprecation !== undefined) this.#options.answers.warn(response, [deprecation]);
      throw error;
    }
  }

  async #connect({ streams }: ConnectAnswer, exchange: ResourceExchange): Promise<void> {
    const { upgrade, record } = exchange;
    if (streams.kind === 'http') {
      await this.#handOn(streams.backend, exchange);
      return;
    }
    if (upgrade === undefined) throw newBadRequest('Upgrade request required');
    await (await this.#options.sessions.open()).begin(upgrade, streams);
    record.upgraded = true;
  }

  /** Hands a request on to its backend. */
  async #handOn(backend: HttpBackend, { info, record, response, upgrade }: ResourceExchange): Promise<void> {
    const { handOn, handOnUpgrade } = await import('../streams/http-proxy.ts');
    const errand = { backend, rest: info.request.rest ?? '', from: record.remoteAddress };
    const sessions = await this.#options.sessions.open();
    sessions.assertRoom();
    sessions.add(upgrade?.socket ?? (response as ServerResponse));
    if (upgrade === undefined) await handOn(errand, record.request, response);
    else record.upgraded = await handOnUpgrade(errand, upgrade);
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
      await this.#options.answers.pieces(
        request,
        response,
        code,
        json,
        this.#options.texts.list(served, object),
      );
      return;
    }
    const text = this.#options.texts.object(served, object as DeepReadonly<ApiObject>);
    await this.#options.answers.text(request, response, code, json, `${text}\n`);
  }
}

/** Whether a representation is the object itself in compact JSON. */
function isPlain({ as, format, pretty }: Representation): boolean {
  return as === undefined && format === 'json' && !pretty;
}
