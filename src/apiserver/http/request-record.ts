import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { Status } from '../../apimachinery/status-error.ts';
import { readTraceparent } from '../../apimachinery/trace-context.ts';
import type { Circumstances } from '../circumstances.ts';
import { header, type Incoming } from './exchange.ts';
import type { InFlightKind } from './in-flight.ts';
import type { RequestInfo } from './request-info.ts';

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

  /** The trace that the client's request is part of; undefined when it names none. */
  get traceparent(): string | undefined {
    return readTraceparent(header(this.request, 'traceparent'));
  }
}

function addressOf(request: Incoming): string | undefined {
  const socket = 'stream' in request ? request.stream?.session?.socket : (request.socket as TLSSocket);
  return socket?.remoteAddress?.replace(/^::ffff:/, '');
}
