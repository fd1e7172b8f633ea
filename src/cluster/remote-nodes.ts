/** The way to nodes on other machines: their agents' HTTPS servers, over mutual TLS. */
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { PeerCertificate } from 'node:tls';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { newInternalError, newNotFound, type Status, StatusError } from '../apimachinery/status-error.ts';
import {
  type OpenPort,
  openSpdyCommand,
  openSpdyPort,
  type RemoteProcess,
  SPDY_COMMAND_PROTOCOL,
  SPDY_PORT_PROTOCOL,
  StreamRefusal,
  type WantedStreams,
} from '../apimachinery/streaming/index.ts';
import { NODE_USER_PREFIX } from '../apis/certificates/index.ts';
import type { Pod } from '../apis/core/types.ts';
import type { Certificates } from '../apiserver/index.ts';
import { type ComponentContext, NODES } from '../client/index.ts';
import type { VolumeDirectories } from '../controllers/local-path/index.ts';
import type { NodeAccess } from './late-nodes.ts';

/** Milliseconds to wait for a node's answer to begin: one that is cut off says nothing at all. */
const ANSWER_MS_MAX = 10_000;
/** Milliseconds of silence after which a node is asked whether the connection still stands; it ends some ten seconds later. */
const KEEP_ALIVE_MS = 10_000;
/** Kinds of addresses, the best first. */
const ADDRESS_TYPES = ['InternalIP', 'ExternalIP', 'InternalDNS', 'Hostname'];

/** Methods, as Go's client names them in an error. */
const VERBS = { GET: 'Get', POST: 'Post', PUT: 'Put', DELETE: 'Delete' } as const;

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
    const path = `${pathTo('containerLogs', pod, container)}?${query.toString()}`;
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
    const path = `${pathTo('exec', pod, container)}?${query.toString()}`;
    return openSpdyCommand(await this.#upgrade(pod, path, SPDY_COMMAND_PROTOCOL, traceparent), wanted);
  }

  async attach(
    pod: DeepReadonly<Pod>,
    container: string,
    wanted: WantedStreams,
    traceparent?: string,
  ): Promise<RemoteProcess> {
    const path = `${pathTo('attach', pod, container)}?${queryOf(wanted).toString()}`;
    return openSpdyCommand(await this.#upgrade(pod, path, SPDY_COMMAND_PROTOCOL, traceparent), wanted);
  }

  async ports(pod: DeepReadonly<Pod>, traceparent?: string): Promise<OpenPort> {
    const path = pathTo('portForward', pod);
    return async (port) =>
      openSpdyPort(await this.#upgrade(pod, path, SPDY_PORT_PROTOCOL, traceparent), port);
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

  /** The answer once its head is there; the bare connection when it was upgraded. */
  #ask(
    nodeName: string,
    path: string,
    method: keyof typeof VERBS,
    { protocol, signal, traceparent }: Asking = {},
  ): Promise<IncomingMessage | Duplex> {
    const { clock } = this.#context;
    const options = { ...this.#requestTo(nodeName), path, method };
    const upgrading = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol };
    const headers = {
      ...(protocol === undefined ? {} : upgrading),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return new Promise((resolve, reject) => {
      const asked = request({ ...options, headers, ...(signal === undefined ? {} : { signal }) });
      const where = `https://${options.host}:${options.port}${path}`;
      const late = clock.after(ANSWER_MS_MAX, () => asked.destroy(new Error('the node does not answer')), {
        background: true,
      });
      asked.setSocketKeepAlive(true, KEEP_ALIVE_MS);
      asked.once('response', (answer) => {
        late.cancel();
        resolve(answer);
      });
      asked.once('upgrade', (_answer, socket, head) => {
        late.cancel();
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      asked.on('error', (error) => {
        late.cancel();
        reject(newInternalError(new Error(`${VERBS[method]} "${where}": ${error.message}`)));
      });
      asked.end();
    });
  }

  #requestTo(nodeName: string): RequestOptions & { readonly host: string; readonly port: number } {
    const node = this.#context.informer(NODES).lister.get('', nodeName);
    // As upstream says it, who takes the node's name for a pod's.
    if (node === undefined) throw newNotFound('', 'pods', nodeName);
    const { addresses = [], daemonEndpoints } = node.status ?? {};
    const port = daemonEndpoints?.kubeletEndpoint?.Port ?? 0;
    const type = ADDRESS_TYPES.find((each) => addresses.some((address) => address.type === each));
    const host = addresses.find((address) => address.type === type)?.address;
    if (host === undefined || port === 0) {
      throw newInternalError(new Error(`no preferred addresses found for node ${JSON.stringify(nodeName)}`));
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

function nodeOf({ spec }: DeepReadonly<Pod>): string {
  return spec.nodeName ?? '';
}

function pathTo(what: string, { metadata }: DeepReadonly<Pod>, container?: string): string {
  const names = [metadata.namespace ?? '', metadata.name, ...(container === undefined ? [] : [container])];
  return `/${what}/${names.map(encodeURIComponent).join('/')}`;
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
