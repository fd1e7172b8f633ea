/** The way to nodes on other machines: their agents' HTTPS servers, over mutual TLS. */
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { connect as connectSecurely, type PeerCertificate } from 'node:tls';
import { dialErrorText, dialTimeoutText, hostPort } from '../../apimachinery/dial-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  newBadRequest,
  newInternalError,
  newNotFound,
  newServiceUnavailable,
  type Status,
  StatusError,
} from '../../apimachinery/status-error.ts';
import {
  type OpenPort,
  openSpdyCommand,
  openSpdyPort,
  type RemoteProcess,
  SPDY_COMMAND_PROTOCOL,
  SPDY_PORT_PROTOCOL,
  StreamRefusal,
  type WantedStreams,
} from '../../apimachinery/streaming/index.ts';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import { NODE_USER_PREFIX } from '../../apis/certificates/index.ts';
import { agentPlace } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { NodeConsumption } from '../../apis/metrics/index.ts';
import type { Certificates } from '../../apiserver/index.ts';
import { type ComponentContext, NODES } from '../../client/index.ts';
import type { VolumeDirectories } from '../../controllers/local-path/index.ts';
import { CONSUMPTION_PATH } from '../../kubelet/index.ts';
import { isGlobalUnicast } from '../../registry/index.ts';
import type { NodeAccess } from './late-nodes.ts';

/** Milliseconds that a connection to a node may take: one that is cut off says nothing at all. Two packets may be lost. */
const DIAL_MS_MAX = 5_000;
/** Milliseconds to wait for a node's answer to begin. */
const ANSWER_MS_MAX = 10_000;
/** Milliseconds for which a node that did not answer is not asked again: kubectl asks for each stream a second time, in an older way. */
const SILENT_MS = 2_000;
/** Milliseconds of silence after which a node is asked whether the connection still stands; it ends some ten seconds later. */
const KEEP_ALIVE_MS = 10_000;
/** Methods, as Go's client names them in an error. */
const VERBS = { GET: 'Get', POST: 'Post', PUT: 'Put', DELETE: 'Delete' } as const;

/** Where a node's agent is, and how both prove who they are. */
interface NodePlace {
  readonly host: string;
  readonly port: number;
  readonly agent: Agent;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
}

/** What else a node is told with a request. */
interface Asking {
  /** Of the stream to upgrade to; absent: a plain answer is wanted. */
  readonly protocol?: string;
  readonly signal?: AbortSignal | undefined;
  readonly traceparent?: string | undefined;
}

/** See the file's head. A node proves that it is the one by the name in its certificate, wherever it is. */
export class RemoteNodes implements NodeAccess {
  readonly #context: ComponentContext;
  readonly #certificates: Certificates;
  // Each connection is checked against another node's name, so none is used twice.
  readonly #agent = new Agent({ keepAlive: false });
  /** Nodes that could not be reached just now, by host and port: as many as there are nodes. */
  readonly #silent = new Map<string, Silence>();

  constructor(context: ComponentContext, certificates: Certificates) {
    this.#context = context;
    this.#certificates = certificates;
  }

  async open(
    pod: DeepReadonly<Pod>,
    { container, ...wanted }: Parameters<NodeAccess['open']>[1],
    signal: AbortSignal | undefined,
    traceparent?: string,
  ): Promise<AsyncIterable<Uint8Array>> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(wanted)) {
      if (value !== undefined && value !== false) query.set(name, String(value));
    }
    const path = withQuery(pathTo('containerLogs', pod, container), query);
    const answer = await this.#ask(nodeOf(pod), path, 'GET', { signal, traceparent });
    if (!isAnswer(answer)) throw newInternalError(new Error('the node answered with a stream'));
    if (answer.statusCode !== 200) throw await errorOf(answer);
    return answer;
  }

  async exec(
    pod: DeepReadonly<Pod>,
    container: string,
    command: readonly string[],
    wanted: WantedStreams,
    traceparent?: string,
  ): Promise<RemoteProcess> {
    const query = queryOf(wanted);
    for (const word of command) query.append('command', word);
    const path = withQuery(pathTo('exec', pod, container), query);
    return openSpdyCommand(await this.#upgrade(pod, path, SPDY_COMMAND_PROTOCOL, traceparent), wanted);
  }

  async attach(
    pod: DeepReadonly<Pod>,
    container: string,
    wanted: WantedStreams,
    traceparent?: string,
  ): Promise<RemoteProcess> {
    const path = withQuery(pathTo('attach', pod, container), queryOf(wanted));
    return openSpdyCommand(await this.#upgrade(pod, path, SPDY_COMMAND_PROTOCOL, traceparent), wanted);
  }

  async ports(pod: DeepReadonly<Pod>, traceparent?: string): Promise<OpenPort> {
    const path = pathTo('portForward', pod);
    // A node that is away refuses the whole, and not one connection after another.
    (await this.#upgrade(pod, path, SPDY_PORT_PROTOCOL, traceparent)).destroy();
    return async (port) =>
      openSpdyPort(await this.#upgrade(pod, path, SPDY_PORT_PROTOCOL, traceparent), port);
  }

  async agent(nodeName: string): Promise<Duplex> {
    const { host, port, ca, cert, key, checkServerIdentity } = this.#requestTo(nodeName);
    if (isIP(host) !== 0 && !isGlobalUnicast(host)) throw newBadRequest('address not allowed');
    const socket = connectSecurely({ host, port, ca, cert, key, checkServerIdentity });
    return this.#connected(socket, 'secureConnect', host, port);
  }

  async dial(host: string, port: number): Promise<Duplex> {
    return this.#connected(connect({ host, port }), 'connect', host, port);
  }

  #connected(socket: Socket, ready: string, host: string, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const refuse = (why: string): void => {
        socket.destroy();
        reject(newServiceUnavailable(`error trying to reach service: ${why}`));
      };
      const dialing = this.#context.clock.after(DIAL_MS_MAX, () => refuse(dialTimeoutText(host, port)));
      socket.once('error', (error) => {
        dialing.cancel();
        refuse(dialErrorText(error, host, port));
      });
      socket.once(ready, () => {
        dialing.cancel();
        socket.setKeepAlive(true, KEEP_ALIVE_MS);
        resolve(socket);
      });
    });
  }

  async consumption(nodeName: string): Promise<NodeConsumption> {
    const answer = await this.#ask(nodeName, CONSUMPTION_PATH, 'GET');
    if (!isAnswer(answer)) throw newInternalError(new Error('the node answered with a stream'));
    if (answer.statusCode !== 200) throw await errorOf(answer);
    return JSON.parse((await buffer(answer)).toString('utf8')) as NodeConsumption;
  }

  /** The directories of volumes on their disks. */
  get volumes(): VolumeDirectories {
    return {
      make: (node, name) => this.#askOfVolume(node, name, 'PUT'),
      remove: async (node, name) => void (await this.#askOfVolume(node, name, 'DELETE')),
    };
  }

  async #askOfVolume(node: string, name: string, method: 'PUT' | 'DELETE'): Promise<string> {
    const answer = await this.#ask(node, `/localPath/${encodeURIComponent(name)}`, method);
    if (!isAnswer(answer)) throw newInternalError(new Error('the node answered with a stream'));
    if (answer.statusCode !== 200) throw await errorOf(answer);
    return (await buffer(answer)).toString('utf8');
  }

  async #upgrade(
    pod: DeepReadonly<Pod>,
    path: string,
    protocol: string,
    traceparent: string | undefined,
  ): Promise<Duplex> {
    const answer = await this.#ask(nodeOf(pod), path, 'POST', { protocol, traceparent });
    if (isAnswer(answer)) throw await errorOf(answer);
    return answer;
  }

  /** The answer once its head is there; the bare connection when it was upgraded. Refused in the words of Kubernetes' API server. */
  async #ask(
    nodeName: string,
    path: string,
    method: keyof typeof VERBS,
    asking: Asking = {},
  ): Promise<IncomingMessage | Duplex> {
    const options = { ...this.#requestTo(nodeName), path, method };
    const { host, port } = options;
    const node = hostPort(host, port);
    try {
      const silence = this.#silent.get(node);
      if (silence !== undefined && this.#context.clock.monotonic() < silence.until) throw silence.error;
      const answer = await this.#send(options, asking);
      this.#silent.delete(node);
      return answer;
    } catch (error) {
      const why = error instanceof Error ? dialErrorText(error, host, port) : String(error);
      if (isSilence(error)) this.#noteSilent(node, error);
      const text =
        asking.protocol === undefined
          ? `${VERBS[method]} "https://${node}${path}": ${why}`
          : `error dialing backend: ${why}`;
      throw new StatusError(500, '', text);
    }
  }

  #noteSilent(node: string, error: Error): void {
    const now = this.#context.clock.monotonic();
    for (const [each, { until }] of this.#silent) if (until <= now) this.#silent.delete(each);
    if (!this.#silent.has(node)) this.#silent.set(node, { until: now + SILENT_MS, error });
  }

  #send(
    options: RequestOptions & NodePlace,
    { protocol, signal, traceparent }: Asking,
  ): Promise<IncomingMessage | Duplex> {
    const { clock } = this.#context;
    const upgrading = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol };
    const headers = {
      ...(protocol === undefined ? {} : upgrading),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return new Promise((resolve, reject) => {
      const asked = request({ ...options, headers, ...(signal === undefined ? {} : { signal }) });
      const giveUp = (why: Error): void => void asked.destroy(why);
      const unreached = new NotReached(dialTimeoutText(options.host, options.port));
      const unanswered = new Error('net/http: timeout awaiting response headers');
      const dialing = clock.after(DIAL_MS_MAX, () => giveUp(unreached), { background: true });
      const waiting = clock.after(ANSWER_MS_MAX, () => giveUp(unanswered), { background: true });
      const settled = (): void => {
        dialing.cancel();
        waiting.cancel();
      };
      asked.once('socket', (socket) => socket.once('connect', () => dialing.cancel()));
      asked.setSocketKeepAlive(true, KEEP_ALIVE_MS);
      asked.once('response', (answer) => {
        settled();
        resolve(answer);
      });
      asked.once('upgrade', (_answer, socket, head) => {
        settled();
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      asked.on('error', (error) => {
        settled();
        reject(error);
      });
      asked.end();
    });
  }

  #requestTo(nodeName: string): NodePlace {
    const node = this.#context.informer(NODES).lister.get('', nodeName);
    // As upstream says it, who takes the node's name for a pod's.
    if (node === undefined) throw newNotFound('', 'pods', nodeName);
    const { host, port } = agentPlace(node);
    if (host === '') {
      const known = (node.status?.addresses ?? [])
        .map(({ type, address }) => `{${type} ${address}}`)
        .join(' ');
      throw new StatusError(500, '', `no preferred addresses found; known addresses: [${known}]`);
    }
    const { authority, nodeClient } = this.#certificates;
    return {
      host,
      port,
      agent: this.#agent,
      ca: authority,
      cert: nodeClient.certificate,
      key: nodeClient.key,
      checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
        certificate.subject.CN === `${NODE_USER_PREFIX}${nodeName}`
          ? undefined
          : new Error(`the certificate is ${String(certificate.subject.CN)}'s, not of node ${nodeName}`),
    };
  }
}

/** Nobody answered at a node's address in time. */
class NotReached extends Error {
  override readonly name = 'NotReached';
}

interface Silence {
  /** Monotonic milliseconds until which it is not asked again. */
  readonly until: number;
  readonly error: Error;
}

/** Whether it took seconds to find out that nobody is there. */
function isSilence(error: unknown): error is Error {
  return error instanceof NotReached || systemCodeOf(error) === 'EHOSTUNREACH';
}

function nodeOf({ spec }: DeepReadonly<Pod>): string {
  return spec.nodeName ?? '';
}

function pathTo(what: string, { metadata }: DeepReadonly<Pod>, container?: string): string {
  const names = [metadata.namespace ?? '', metadata.name, ...(container === undefined ? [] : [container])];
  return `/${what}/${names.map(encodeURIComponent).join('/')}`;
}

function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

function queryOf({ stdin, stdout, stderr, tty }: WantedStreams): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, isWanted] of Object.entries({ input: stdin, output: stdout, error: stderr, tty })) {
    if (isWanted) query.set(name, '1');
  }
  return query;
}

/** Whether a node answered, rather than that it upgraded the connection to a stream. */
function isAnswer(outcome: IncomingMessage | Duplex): outcome is IncomingMessage {
  return 'statusCode' in outcome;
}

/** The node's own error, as if it had been thrown here. */
async function errorOf(answer: IncomingMessage): Promise<Error> {
  const text = (await buffer(answer)).toString('utf8');
  const code = answer.statusCode ?? 500;
  try {
    return StatusError.from(JSON.parse(text) as Status);
  } catch {
    return new StreamRefusal(code, text);
  }
}
