/**
 * HTTP requests that are handed on to a backend: what `proxy` of pods and services does. What goes on is the request without
 * what was meant for this server (credentials, impersonation) and for the one connection (RFC 9110, section 7.6.1); what comes
 * back is the backend's answer, redirections led through here again. Upstream: apimachinery/pkg/util/proxy.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpBackend } from '../../apimachinery/api-request.ts';
import { request as ask } from '../../apimachinery/node-http.ts';
import { newInternalError, newServiceUnavailable, StatusError } from '../../apimachinery/status-error.ts';
import type { Incoming, Outgoing } from '../http/exchange.ts';
import { handedBackHeaders, handedOnHeaders, type Passage } from './proxied-headers.ts';
import type { UpgradeRequest } from './stream-sessions.ts';
import { upgradeOf } from './upgrade.ts';

/** A request to be handed on. */
export interface Errand {
  readonly backend: HttpBackend;
  /** The path for the backend, from its slash on; empty: the client asked for none. */
  readonly rest: string;
  /** The client's address. */
  readonly from: string | undefined;
}

/** Hands a request on and its answer back. Rejects with the StatusError that the client gets while nothing was answered. */
export async function handOn(errand: Errand, request: Incoming, response: Outgoing): Promise<void> {
  const { method = 'GET' } = request;
  const [path, query] = splitUrl(request.url ?? '/');
  if (errand.rest === '' && (method === 'GET' || method === 'HEAD')) {
    // Links relative to the backend's root lead there only from a path that ends with a slash.
    response.statusCode = 301;
    response.setHeader('Location', `${path}/${query}`);
    response.end();
    return;
  }
  const hasBody = 'stream' in request ? !request.stream.endAfterHeaders : bodyFollows(request);
  const chunked = hasBody && request.headers['content-length'] === undefined;
  const passage = { ...passageOf(errand, request), chunked };
  const answer = await begun({ errand, request, passage, client: response as ServerResponse }, (forth) => {
    if (hasBody) void pipeline(request, forth).catch(() => {});
    else forth.end();
  });
  await handBack(answer, response as ServerResponse, passage);
}

/**
 * Hands a request on that asks for another protocol, and joins both connections once the backend agrees; answers false when
 * it has refused, with its refusal. Rejects like {@link handOn}.
 */
export async function handOnUpgrade(errand: Errand, upgrade: UpgradeRequest): Promise<boolean> {
  const { request, response, socket, head } = upgrade;
  const passage = { ...passageOf(errand, request), upgrade: upgradeOf(request.headers) };
  let far: { readonly socket: Duplex; readonly head: Buffer } | undefined;
  const answer = await begun({ errand, request, passage, client: socket }, (forth) => {
    forth.once('upgrade', (_answer, connection: Duplex, first: Buffer) => {
      far = { socket: connection, head: first };
    });
    forth.end();
  });
  if (far === undefined) {
    const { statusCode = 0 } = answer;
    if (statusCode < 400) {
      answer.destroy();
      throw newInternalError(new Error(`invalid upgrade response: status code ${statusCode}`));
    }
    await handBack(answer, response, passage);
    return false;
  }
  response.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0]);
  const lines = [`HTTP/1.1 101 ${answer.statusMessage}`];
  for (let at = 0; at < answer.rawHeaders.length; at += 2) {
    lines.push(`${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}`);
  }
  socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  if (head.length > 0) socket.unshift(head);
  if (far.head.length > 0) far.socket.unshift(far.head);
  join(socket, far.socket);
  return true;
}

/** Answers the client with the backend's answer; whoever goes away in the middle ends it for both. Never rejects. */
async function handBack(answer: IncomingMessage, response: ServerResponse, passage: Passage): Promise<void> {
  response.statusCode = answer.statusCode ?? 502;
  for (const [name, values] of handedBackHeaders(answer.rawHeaders, passage)) {
    response.setHeader(name, values);
  }
  response.flushHeaders();
  response.once('close', () => answer.destroy());
  await pipeline(answer, response).catch(() => response.destroy());
}

interface Beginning {
  readonly errand: Errand;
  readonly request: Incoming;
  readonly passage: Passage;
  /** Closed when nobody waits for the answer any more. */
  readonly client: Writable;
}

/** Sends the request and resolves with the head of its answer, be it of an upgrade. */
async function begun(
  { errand: { backend, rest }, request, passage, client }: Beginning,
  send: (forth: ReturnType<typeof ask>) => void,
): Promise<IncomingMessage> {
  const connection = await secured(backend, await backend.open());
  const [, query] = splitUrl(request.url ?? '/');
  return new Promise((resolve, reject) => {
    const forth = ask({
      method: request.method,
      path: `${rest || '/'}${query}`,
      headers: handedOnHeaders(request.rawHeaders, passage),
      setHost: false,
      createConnection: () => connection,
    });
    forth.once('response', resolve);
    forth.once('upgrade', resolve);
    forth.once('error', (error) => {
      connection.destroy();
      const why = error instanceof StatusError ? error : unreachable(error);
      reject(why);
    });
    client.once('close', () => forth.destroy());
    if (client.destroyed) forth.destroy();
    send(forth);
  });
}

async function secured({ secure }: HttpBackend, connection: Duplex): Promise<Duplex> {
  if (!secure) return connection;
  const { connect } = await import('node:tls');
  const tls = connect({ socket: connection, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  connection.once('error', (error) => tls.destroy(error));
  return tls;
}

function unreachable(error: Error): StatusError {
  return newServiceUnavailable(`error trying to reach service: ${error.message}`);
}

function passageOf({ backend, rest, from }: Errand, request: Incoming): Passage {
  const [path] = splitUrl(request.url ?? '/');
  const prefix = rest === '' ? path : path.slice(0, -rest.length);
  const { headers } = request;
  const host = headers.host ?? (headers[':authority'] as string | undefined) ?? '';
  const subprotocols = headers['sec-websocket-protocol'];
  const passage = { path, prefix, backendHost: backend.host, clientHost: host, from };
  return subprotocols === undefined ? passage : { ...passage, subprotocols };
}

/** The path and the query of a URL; the query with its question mark, or empty. */
function splitUrl(url: string): [string, string] {
  const question = url.indexOf('?');
  return question < 0 ? [url, ''] : [url.slice(0, question), url.slice(question)];
}

function bodyFollows({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Copies both ways until one side has ended. */
function join(client: Duplex, backend: Duplex): void {
  const end = (): void => {
    client.destroy();
    backend.destroy();
  };
  void pipeline(client, backend).then(end, end);
  void pipeline(backend, client).then(end, end);
}
