/**
 * A server that does nothing but answer: what HTTP and TLS alone cost, to hold the API server's figures against. Started by
 * api.ts as a process of its own; prints its port. `GET /bytes/N` answers N bytes, `GET /watch` stays open and gets the body
 * of each `POST /event`, any other request is read to its end and answered with 1 KiB.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';

const [keyFile = '', certificateFile = ''] = process.argv.slice(2);
const KIBIBYTE = 'x'.repeat(1024);
const watchers = new Set<ServerResponse>();
const bodies = new Map<number, string>();

const server = createSecureServer(
  {
    allowHTTP1: true,
    key: readFileSync(keyFile),
    cert: readFileSync(certificateFile),
    requestCert: true,
    rejectUnauthorized: false,
  },
  // The client speaks HTTP/1.1, whose requests come with the classes of node:http.
  (request, response) => answer(request as unknown as IncomingMessage, response as unknown as ServerResponse),
);

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { url = '/' } = request;
  if (url === '/watch') {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    watchers.add(response);
    response.on('close', () => watchers.delete(response));
    return;
  }
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (text: string) => (body += text));
  request.on('end', () => {
    if (url === '/event') for (const watcher of watchers) watcher.write(`${body}\n`);
    const size = Number(/^\/bytes\/(\d+)$/.exec(url)?.[1] ?? 0);
    const text = size === 0 ? KIBIBYTE : (bodies.get(size) ?? 'x'.repeat(size));
    bodies.set(size, text);
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Content-Length', text.length);
    response.end(text);
  });
}

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('SIGTERM', () => process.exit(0));
