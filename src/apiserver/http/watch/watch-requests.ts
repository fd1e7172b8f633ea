import type { Clock } from '../../../apimachinery/clock.ts';
import { StatusError } from '../../../apimachinery/status-error.ts';
import type { Watch } from '../../../apimachinery/watch-event.ts';
import type { Circumstances } from '../../circumstances.ts';
import { type HandlerChain, newMethodNotAllowed } from '../../handler-chain.ts';
import type { ServedResource } from '../../served-resource.ts';
import type { LateSessions } from '../../streams/late-sessions.ts';
import { watchProtocol } from '../../streams/negotiation.ts';
import type { UpgradeRequest } from '../../streams/stream-sessions.ts';
import type { AnswerWriter } from '../answer/answer-writer.ts';
import type { StoredText } from '../answer/json-text.ts';
import { negotiateWatch } from '../answer/negotiate.ts';
import { includeObject } from '../answer/table.ts';
import { header } from '../exchange.ts';
import { WATCHES_MAX } from '../in-flight.ts';
import type { RequestTargets } from '../request-targets.ts';
import type { ResourceExchange } from '../resource-requests.ts';
import { EventEncoders } from './event-encoder.ts';
import { WatchResponse } from './watch-response.ts';
import { WatchSocket } from './watch-socket.ts';

/** What answering watches depends on. */
export interface WatchRequestsOptions {
  readonly chain: HandlerChain;
  readonly targets: RequestTargets;
  readonly answers: AnswerWriter;
  readonly texts: StoredText;
  readonly sessions: LateSessions;
  readonly clock: Clock;
}

/** Answers watches, and knows of those that are open. */
export class WatchRequests {
  readonly #options: WatchRequestsOptions;
  readonly #encoders: EventEncoders;
  readonly #open = new Set<WatchResponse | WatchSocket>();

  constructor(options: WatchRequestsOptions) {
    this.#options = options;
    this.#encoders = new EventEncoders(options.texts, () => options.clock.now());
  }

  /** How many are open, by what they watch. */
  counts(): ReadonlyMap<ServedResource, number> {
    const counts = new Map<ServedResource, number>();
    for (const { served } of this.#open) counts.set(served, (counts.get(served) ?? 0) + 1);
    return counts;
  }

  /** Ends every watch. */
  stop(): void {
    for (const watch of this.#open) watch.stop();
    this.#open.clear();
  }

  /** Begins one; resolves when it is under way. Rejects with the error to answer. */
  async answer({ info, user, record, response, upgrade }: ResourceExchange): Promise<void> {
    const { request } = record;
    const { chain, targets, answers } = this.#options;
    const { parameters = {} } = info.request;
    if (!(await targets.isServed(info, user, request.method ?? 'GET', response))) return;
    const served = targets.watched(info.request);
    if (served === undefined) throw newMethodNotAllowed();
    const representation = negotiateWatch(header(request, 'accept'), parameters);
    const include = representation.as === 'Table' ? includeObject(parameters) : 'Metadata';
    if (this.#open.size >= WATCHES_MAX) {
      throw new StatusError(429, 'TooManyRequests', 'too many watches are open', { retryAfterSeconds: 5 });
    }
    const protobuf = representation.format === 'protobuf' ? await answers.protobuf() : undefined;
    const view = { served, representation, include };
    const encoder = this.#encoders.of(view, protobuf);
    const context = chain.circumstances(user, info.request);
    record.context = context;
    if (upgrade !== undefined && targets.mayGoOn(info, upgrade)) {
      record.upgraded = await this.#overWebSocket(upgrade, new WatchSocket(view, encoder), context);
      return;
    }
    const observer = new WatchResponse(response, view, encoder);
    let watch: Watch;
    try {
      watch = await chain.watch(context, observer);
    } finally {
      answers.warn(response, context.warnings);
    }
    this.#open.add(observer);
    response.on('close', () => this.#open.delete(observer));
    observer.start(watch);
  }

  /** Answers whether the connection has become a WebSocket. */
  async #overWebSocket(
    upgrade: UpgradeRequest,
    observer: WatchSocket,
    context: Circumstances,
  ): Promise<boolean> {
    const protocol = watchProtocol(upgrade.request.headers);
    const { chain } = this.#options;
    const sessions = await this.#options.sessions.open();
    sessions.assertRoom();
    const watch = await chain.watch(context, observer);
    const socket = await sessions.webSocket(upgrade, protocol);
    if (socket === undefined) {
      observer.abandon(watch);
      return false;
    }
    this.#open.add(observer);
    socket.once('close', () => this.#open.delete(observer));
    observer.start(watch, socket);
    return true;
  }
}
