import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { Status } from '../../apimachinery/status-error.ts';
import type { Circumstances } from '../circumstances.ts';
import { header, type Incoming } from './exchange.ts';
import type { InFlightKind } from './in-flight.ts';
import type { RequestInfo } from './request-info.ts';

/** W3C Trace Context, version 00: trace, span, flags (https://www.w3.org/TR/trace-context/). */
const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What is known of one request over HTTP, gathered while it is answered; the audit log and the request log tell it. */
export class RequestRecord {
  /** The request's id, the client's own or a new one: the `Audit-Id` header. */
  readonly id: string;
  readonly request: Incoming;
  /** Wall milliseconds when it came in. */
  readonly receivedAt: number;
  /** Monotonic milliseconds when it came in. */
  readonly start: number;
  /** The client's address; undefined when it had gone already. */
  readonly remoteAddress: string | undefined;
  info: RequestInfo | undefined;
  /** Whoever showed credentials. */
  caller: UserInfo | undefined;
  /** Whoever the request acts as: the caller, or whom it impersonates. */
  user: UserInfo | undefined;
  /** The verb that allowed the caller to act as the user, where it was one of constrained impersonation. */
  constraint: string | undefined;
  /** Set once the request is for the handler chain. */
  context: Circumstances | undefined;
  /** The error that was answered. */
  fault: Status | undefined;
  /** Whether the connection became one for streams. */
  upgraded = false;
  kind: InFlightKind = 'readOnly';

  constructor(request: Incoming, id: string, receivedAt: number, start: number) {
    this.request = request;
    this.id = id;
    this.receivedAt = receivedAt;
    this.start = start;
    this.remoteAddress = addressOf(request);
  }

  get uri(): string {
    return this.request.url ?? '/';
  }

  get userAgent(): string {
    return header(this.request, 'user-agent') ?? '';
  }

  /** The trace that the client's request is part of; undefined when it names none, or not in the form of version 00. */
  get traceparent(): string | undefined {
    const value = header(this.request, 'traceparent');
    return value !== undefined && TRACEPARENT.test(value) ? value : undefined;
  }
}

function addressOf(request: Incoming): string | undefined {
  const socket = 'stream' in request ? request.stream?.session?.socket : (request.socket as TLSSocket);
  return socket?.remoteAddress?.replace(/^::ffff:/, '');
}

/** The trace's own id within a `traceparent`. */
export function traceIdOf(traceparent: string): string {
  return traceparent.split('-')[1] ?? '';
}
