/**
 * Connections of HTTP/1.1 made up from a seed: pipelined requests, bodies whose ends are told twice or not at all, chunks
 * that are none, upgrades to nothing, texts that break off. The same seed makes the same ones.
 */
import { gzipSync } from 'node:zlib';
import { type Random, seededRandom } from '../../src/apimachinery/random.ts';

/** What a client does on a connection, in this order. */
export type Move =
  | { readonly kind: 'write'; readonly bytes: Buffer }
  /** Waits until the server has said something since the last move, or has ended the connection. */
  | { readonly kind: 'listen' }
  /** Sends the end of its side; the other stays open. */
  | { readonly kind: 'half-close' }
  | { readonly kind: 'destroy' };

/** An object that no request of these may reach: the ambiguous ones hide its deletion in what another reader takes for a body. */
export const CANARY = '/api/v1/namespaces/kube-system/configmaps/canary';

const HIDDEN = `DELETE ${CANARY} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const MAPS = '/api/v1/namespaces/default/configmaps';
const PATHS = [
  MAPS,
  `${MAPS}?watch=1&timeoutSeconds=1`,
  `${MAPS}?limit=1`,
  '/apis/batch/v1/namespaces/default/jobs',
  '/api/v1/namespaces/default/pods/p/exec?command=sh&stdin=1',
  '/api/v1/namespaces/default/pods/p/portforward?ports=80',
  '/api/v1/namespaces/default/pods/p/log?follow=1',
  '/api/v1/nodes/n/proxy/',
  '/version',
  '/metrics',
  '/openapi/v2',
  '*',
  'http://localhost/version',
  'localhost:443',
  '/%',
  `/${'a/'.repeat(2000)}`,
];
const METHODS = ['GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'get'];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9.9', ''];
const ODD_HEADERS = [
  'Expect: 100-continue',
  'Expect: miracles',
  'Connection: close',
  'Connection: Upgrade, keep-alive',
  'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'Upgrade: websocket\r\nConnection: Upgrade',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v5.channel.k8s.io',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Protocol: v4.channel.k8s.io, nonsense',
  'Upgrade: SPDY/3.1\r\nConnection: Upgrade\r\nX-Stream-Protocol-Version: v4.channel.k8s.io',
  'Upgrade: SPDY/9\r\nConnection: Upgrade',
  'Host: other',
  'Host: evil.example',
  ' Folded: yes\r\n and: more',
  'No-Colon',
  'Sp ace: x',
  'Nul: a\0b',
  'Cookie: a=b',
  'Accept-Encoding: gzip',
  'Accept: application/json;as=Table;v=v1;g=meta.k8s.io',
  `X-Long: ${'x'.repeat(8000)}`,
  'Range: bytes=0-1',
  'Trailer: X-Late',
  'Proxy-Authorization: Basic eDp5',
  'X-Forwarded-For: 10.0.0.1',
  'X-Remote-User: system:admin\r\nX-Remote-Group: system:masters',
  'X-HTTP-Method-Override: DELETE',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99',
];
const BODY = '{"metadata":{"generateName":"w-"},"data":{"a":"b"}}';
/** 16 MiB of blanks in 16 KiB: a server that unpacked it would hold more than a body may have. */
const BOMB = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));

/** Makes up one connection after the other. */
export class FuzzConnections {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** What the next client does. */
  next(): readonly Move[] {
    const moves: Move[] = [];
    for (let request = 0; request <= this.#below(4); request++) {
      const bytes = this.#chance(0.05) ? this.#noise() : this.#request();
      moves.push(...this.#pieces(bytes));
      if (this.#chance(0.5)) moves.push({ kind: 'listen' });
    }
    if (this.#chance(0.3)) moves.push({ kind: 'half-close' });
    if (this.#chance(0.8)) moves.push({ kind: 'listen' });
    return [...moves, { kind: 'destroy' }];
  }

  /** The bytes in one piece, or in two with a turn between them, or their beginning alone. */
  #pieces(bytes: Buffer): readonly Move[] {
    const at = this.#below(bytes.length + 1);
    if (this.#chance(0.1)) return [{ kind: 'write', bytes: bytes.subarray(0, at) }];
    if (this.#chance(0.7)) return [{ kind: 'write', bytes }];
    return [
      { kind: 'write', bytes: bytes.subarray(0, at) },
      { kind: 'write', bytes: bytes.subarray(at) },
    ];
  }

  #request(): Buffer {
    const method = this.#pick(METHODS);
    const lines = [`${method} ${this.#pick(PATHS)} ${this.#pick(VERSIONS)}`, 'Host: localhost'];
    while (this.#chance(0.4)) lines.push(this.#pick(ODD_HEADERS));
    const hasBody = this.#chance(method === 'GET' ? 0.1 : 0.9);
    const [framing, body] = hasBody ? this.#body() : [[], Buffer.alloc(0)];
    if (hasBody) lines.push(`Content-Type: ${this.#pick(['application/json', 'application/yaml', 'x'])}`);
    lines.push(...framing);
    const end = this.#chance(0.05) ? '\n' : '\r\n';
    return Buffer.concat([Buffer.from(`${lines.join(end)}${end}${end}`), body]);
  }

  /** The headers that tell where a body ends, and the body: right, ambiguous, or wrong. */
  #body(): readonly [readonly string[], Buffer] {
    const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
    const length = `Content-Length: ${BODY.length}`;
    const transfer = 'Transfer-Encoding: chunked';
    const cases: readonly (readonly [readonly string[], string | Buffer])[] = [
      [[length], BODY],
      [[transfer], chunked],
      [[transfer], chunked.replace('0\r\n\r\n', '0\r\nX-Late: yes\r\n\r\n')],
      [[transfer], chunked.replace(/^\w+/, (size) => `${size};${'e'.repeat(3000)}`)],
      [[transfer], chunked.replace(/^\w+/, this.#pick(['zz', '-1', 'fffffffffffffffff', '', '0x10', ' 5']))],
      [[transfer], `${BODY.length.toString(16)}\n${BODY}\n0\n\n`],
      [['Content-Length: 0', transfer], `0\r\n\r\n${HIDDEN}`],
      [[transfer, `Content-Length: ${5 + HIDDEN.length}`], `0\r\n\r\n${HIDDEN}`],
      [['Content-Length: 0', `Content-Length: ${HIDDEN.length}`], HIDDEN],
      [['Transfer-Encoding: xchunked', `Content-Length: ${HIDDEN.length}`], HIDDEN],
      [['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${HIDDEN}`],
      [['Transfer-Encoding : chunked', `Content-Length: ${HIDDEN.length}`], HIDDEN],
      [['Content-Length: +5'], BODY],
      [['Content-Length: -1'], BODY],
      [['Content-Length: 99999999999999999999'], BODY],
      [[`Content-Length: ${BODY.length + 10}`], BODY],
      [['Content-Encoding: gzip', `Content-Length: ${BOMB.length}`], BOMB],
      [['Content-Encoding: gzip', `Content-Length: 100`], BOMB.subarray(0, 100)],
      [['Content-Encoding: br, gzip', length], BODY],
      [[length], BODY.replace('b', '\0')],
    ];
    const [headers, body] = this.#pick(cases);
    return [headers, Buffer.from(body)];
  }

  #noise(): Buffer {
    if (this.#chance(0.2)) return Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    return Buffer.from(Array.from({ length: this.#below(300) }, () => this.#below(256)));
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }

  #below(end: number): number {
    return Math.floor(this.#random.fraction() * end);
  }

  #chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }
}
