/** What a node's server answers, once it is known that the client may ask: on the paths of the kubelet's, and on one of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newInternalError, newNotFound, StatusError } from '../../apimachinery/status-error.ts';
import {
  type OpenPort,
  type RemoteProcess,
  SPDY_COMMAND_PROTOCOL,
  SPDY_PORT_PROTOCOL,
  StreamRefusal,
  serveSpdyCommand,
  serveSpdyPorts,
  type WantedStreams,
} from '../../apimachinery/streaming/index.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { PodLogOptions } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { type ReportingNode, reportOf } from './node-reports.ts';

/** What a volume is called, and its directory: nothing that would lead elsewhere. */
const VOLUME_NAME = /^[a-z0-9][a-z0-9-]{0,252}$/;
/** The node whose pods are asked about. */
export interface ServedNode {
  readonly reports: ReportingNode;
  pod(namespace: string, name: string): DeepReadonly<Pod> | undefined;
  logs(
    pod: DeepReadonly<Pod>,
    request: PodLogOptions,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>;
  readonly streams: {
    exec(
      pod: DeepReadonly<Pod>,
      container: string,
      command: readonly string[],
      wanted: WantedStreams,
    ): Promise<RemoteProcess>;
    attach(pod: DeepReadonly<Pod>, container: string, wanted: WantedStreams): Promise<RemoteProcess>;
    ports(pod: DeepReadonly<Pod>): Promise<OpenPort>;
  };
}

/** Directories of this machine that persistent volumes are made of. */
export interface ServedVolumes {
  /** Makes the directory of that name and answers its path; content when it is there. */
  make(name: string): Promise<string>;
  /** Removes it with all that it holds; content when it is not there. */
  remove(name: string): Promise<void>;
}

/** What the answers are made of. */
export interface NodeRequestsOptions {
  readonly clock: Clock;
  readonly node: ServedNode;
  /** Absent: nobody asks this node for directories by its server. */
  readonly volumes?: ServedVolumes;
}

/** See the file's head. */
export class NodeRequests {
  readonly #options: NodeRequestsOptions;

  constructor(options: NodeRequestsOptions) {
    this.#options = options;
  }

  /** Answers a request. Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { volumes } = this.#options;
    try {
      const url = new URL(request.url ?? '/', 'https://node');
      const [, what, ...names] = url.pathname.split('/').map(decodeURIComponent);
      const { method = 'GET' } = request;
      if (what === 'containerLogs' && names.length === 3 && method === 'GET') {
        await this.#logs(names, url.searchParams, response);
      } else if (what === 'localPath' && names.length === 1 && VOLUME_NAME.test(names[0] ?? '') && volumes) {
        await answerVolume(volumes, names[0] ?? '', method, response);
      } else await this.#report(url, method, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else fail(response, error);
    }
  }

  async #report({ pathname, searchParams }: URL, method: string, response: ServerResponse): Promise<void> {
    const report = reportOf(pathname, searchParams, this.#options.node.reports);
    if (report === undefined) response.writeHead(404).end('404 page not found\n');
    else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405).end('405 method not allowed\n');
    else {
      const { code = 200, contentType, body } = await report();
      response.writeHead(code, {
        'content-type': contentType,
        'content-length': Buffer.byteLength(body),
        'x-content-type-options': 'nosniff',
      });
      response.end(method === 'HEAD' ? undefined : body);
    }
  }

  async #logs(names: readonly string[], asked: URLSearchParams, response: ServerResponse): Promise<void> {
    const [namespace = '', name = '', container = ''] = names;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const pod = this.#podOf(namespace, name);
    const bytes = await this.#options.node.logs(pod, logRequest(container, asked), gone.signal);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    await pipeline(bytes, response);
  }

  #podOf(namespace: string, name: string): DeepReadonly<Pod> {
    const pod = this.#options.node.pod(namespace, name);
    if (pod === undefined) throw newNotFound('', 'pods', name);
    return pod;
  }

  /** Opens the streams that a request asks for, by SPDY/3.1, or refuses. Never rejects. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {}); // Whoever serves the streams sees the end of it.
    try {
      // Whoever may only read from a node does not get into containers by the method GET.
      if (request.method !== 'POST') throw new StreamRefusal(405, '405 method not allowed');
      const url = new URL(request.url ?? '/', 'https://node');
      const [, what, namespace = '', name = '', container = ''] = url.pathname
        .split('/')
        .map(decodeURIComponent);
      const pod = this.#podOf(namespace, name);
      const { clock, node } = this.#options;
      if (what === 'portForward') {
        const open = await node.streams.ports(pod);
        await serveSpdyPorts(accepted(socket, head, SPDY_PORT_PROTOCOL), open, clock);
      } else if (what === 'exec' || what === 'attach') {
        const wanted = wantedStreams(url.searchParams);
        const command = url.searchParams.getAll('command');
        const { streams } = node;
        const process =
          what === 'exec'
            ? await streams.exec(pod, container, command, wanted)
            : await streams.attach(pod, container, wanted);
        const agreed = accepted(socket, head, SPDY_COMMAND_PROTOCOL);
        await serveSpdyCommand(agreed, { protocol: SPDY_COMMAND_PROTOCOL, wanted }, process, clock);
      } else throw new StreamRefusal(404, '404 page not found');
    } catch (error) {
      refuse(socket, error);
    }
  }
}

async function answerVolume(
  volumes: ServedVolumes,
  name: string,
  method: string,
  response: ServerResponse,
): Promise<void> {
  if (method === 'PUT') response.end(await volumes.make(name));
  else if (method === 'DELETE') {
    await volumes.remove(name);
    response.end();
  } else response.writeHead(405).end('405 method not allowed\n');
}

function logRequest(container: string, asked: URLSearchParams): PodLogOptions {
  const number = (name: string): object => (asked.has(name) ? { [name]: Number(asked.get(name)) } : {});
  const sinceTime = asked.get('sinceTime');
  return {
    container,
    follow: asked.get('follow') === 'true',
    previous: asked.get('previous') === 'true',
    timestamps: asked.get('timestamps') === 'true',
    ...number('tailLines'),
    ...number('limitBytes'),
    ...number('sinceSeconds'),
    ...(sinceTime === null ? {} : { sinceTime }),
  };
}

/** The kubelet's own parameters: `input`, `output`, `error`, `tty`, each `1` when wanted. */
function wantedStreams(asked: URLSearchParams): WantedStreams {
  const is = (name: string): boolean => asked.get(name) === '1';
  return { stdin: is('input'), stdout: is('output'), stderr: is('error'), tty: is('tty') };
}

function accepted(socket: Duplex, head: Buffer, protocol: string): Duplex {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return socket;
}

function fail(response: ServerResponse, error: unknown): void {
  const answer = error instanceof StatusError ? error : newInternalError(error);
  response.writeHead(answer.code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer.status));
}

/** Answers a request for streams with what speaks against it. */
export function refuse(socket: Duplex, error: unknown): void {
  const isStatus = error instanceof StatusError;
  const code = isStatus || error instanceof StreamRefusal ? error.code : 500;
  const body = isStatus ? JSON.stringify(error.status) : messageOf(error);
  const type = isStatus ? 'application/json' : 'text/plain; charset=utf-8';
  socket.end(
    `HTTP/1.1 ${code} Refused\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
