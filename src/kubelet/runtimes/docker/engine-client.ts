/** The Docker Engine API over its unix socket: requests, streams of answers, and connections that it gives away. */
import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { Clock } from '../../../apimachinery/clock.ts';
import { Agent, request } from '../../../apimachinery/node-http.ts';
import { messageOf, systemCodeOf } from '../../../apimachinery/thrown.ts';
import { socketTrouble } from '../socket-trouble.ts';
import { DockerError } from './docker-error.ts';
import { linesOf } from './lines.ts';

/** The oldest version of the API that is spoken (Docker 20.10), and the newest that this was written for. */
const API_VERSION_MIN = 41;
const API_VERSION_MAX = 51;
/** Milliseconds within which an engine that is there says so. */
const HELLO_MS_MAX = 1900;
/** Bytes of an answer that is read as a whole: lists of thousands of containers fit. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;
/** Bytes of a refusal that are read. */
const REFUSAL_BYTES_MAX = 16 * 1024;
/** Connections for ordinary requests, kept for the next one; streams have their own. */
const CONNECTIONS_MAX = 64;

/** Values of a query; what is undefined is left out, objects are written as JSON. */
export type Query = Readonly<Record<string, string | number | boolean | object | undefined>>;

/** What an engine says of itself (`GET /version`). */
export interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion?: string;
  readonly Components?: readonly { readonly Name: string }[] | null;
}

/** One request. */
interface Order {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON, or as it is when it is a stream or bytes (a tar archive). */
  readonly body?: object | Readable | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A connection to an engine that has answered. Every method rejects with {@link DockerError}. */
export class EngineClient {
  /** Path of the socket. */
  readonly endpoint: string;
  readonly version: EngineVersion;
  /** Minor version of the API that is spoken: 41 is v1.41. */
  readonly api: number;
  readonly #agent: HttpAgent;

  /** Connects, and agrees on a version of the API. Rejects within two seconds when nobody answers there. */
  static async open(endpoint: string, clock: Clock): Promise<EngineClient> {
    const hello = new AbortController();
    const timer = clock.after(HELLO_MS_MAX, () => hello.abort(new Error('no answer')));
    try {
      const order: Order = { method: 'GET', path: '/version', signal: hello.signal };
      const answer = await accepted(endpoint, send(endpoint, order, undefined));
      const version = JSON.parse((await readAll(answer)).toString() || '{}') as EngineVersion;
      return new EngineClient(endpoint, version);
    } catch (error) {
      const isAnswer = error instanceof DockerError && error.code !== 0;
      const first = error instanceof DockerError && !isAnswer ? error.cause : error;
      const why = hello.signal.aborted ? `no answer in ${HELLO_MS_MAX / 1000} s` : reasonOf(endpoint, first);
      const message = `no Docker Engine answers on ${endpoint} (${why})`;
      throw new DockerError(isAnswer ? error.code : 0, message, { cause: error });
    } finally {
      timer.cancel();
    }
  }

  private constructor(endpoint: string, version: EngineVersion) {
    this.endpoint = endpoint;
    this.version = version;
    const newest = minorOf(version.ApiVersion);
    const oldest = minorOf(version.MinAPIVersion ?? '1.0');
    this.api = Math.min(newest, API_VERSION_MAX);
    if (this.api < API_VERSION_MIN || this.api < oldest) {
      throw new DockerError(
        0,
        `the Docker Engine at ${endpoint} speaks versions ${version.MinAPIVersion} to ${version.ApiVersion} of its API, and 1.${API_VERSION_MIN} to 1.${API_VERSION_MAX} are spoken here`,
      );
    }
    this.#agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  }

  /** Whether it is Podman that answers. */
  get isPodman(): boolean {
    return this.version.Components?.some(({ Name }) => Name === 'Podman Engine') === true;
  }

  /** The JSON of an answer. */
  async get<Answer>(path: string, query: Query = {}): Promise<Answer> {
    const text = await this.#whole({ method: 'GET', path, query });
    return JSON.parse(text.toString()) as Answer;
  }

  /** The JSON of an answer; undefined for one without. */
  async post<Answer>(path: string, query: Query = {}, body?: object): Promise<Answer> {
    const text = await this.#whole({ method: 'POST', path, query, ...(body === undefined ? {} : { body }) });
    return (text.length === 0 ? undefined : JSON.parse(text.toString())) as Answer;
  }

  async delete(path: string, query: Query = {}): Promise<void> {
    await this.#whole({ method: 'DELETE', path, query });
  }

  /** The body of an answer as it comes. Ends when the engine ends it, or when `signal` aborts (then with an error). */
  stream(path: string, query: Query, signal: AbortSignal): Promise<Readable> {
    return this.#accepted({ method: 'GET', path, query, signal }, false);
  }

  /** The lines of JSON of a long answer: of a pull, an import. Rejects with the error that one of them tells. */
  async follow(
    path: string,
    query: Query,
    body?: Readable | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<readonly Progress[]> {
    const order: Order = { method: 'POST', path, query, headers, ...(body === undefined ? {} : { body }) };
    const told: Progress[] = [];
    for await (const line of linesOf(await this.#accepted(order, false))) {
      if (line.trim() === '') continue;
      const progress = JSON.parse(line) as Progress;
      const wrong = progress.errorDetail?.message ?? progress.error;
      if (wrong !== undefined) throw new DockerError(500, wrong);
      // Of a pull's thousands of lines, only the last few say what came of it.
      told.push(progress);
      if (told.length > PROGRESS_KEPT) told.shift();
    }
    return told;
  }

  /** A connection that the engine gives away: bytes in both directions, each ended by itself. */
  hijack(path: string, query: Query, body?: object): Promise<Duplex> {
    const headers = { connection: 'Upgrade', upgrade: 'tcp' };
    const order: Order = { method: 'POST', path, query, headers, ...(body === undefined ? {} : { body }) };
    return new Promise((resolve, reject) => {
      const asked = send(this.endpoint, this.#versioned(order), undefined);
      asked.once('upgrade', (_answer, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      accepted(this.endpoint, asked).then((answer) => {
        answer.destroy();
        reject(new DockerError(0, `${path} was answered, not upgraded`));
      }, reject);
    });
  }

  /** Lets go of kept connections. Idempotent. */
  close(): void {
    this.#agent.destroy();
  }

  async #whole(order: Order): Promise<Buffer> {
    return readAll(await this.#accepted(order, true));
  }

  #accepted(order: Order, kept: boolean): Promise<IncomingMessage> {
    return accepted(
      this.endpoint,
      send(this.endpoint, this.#versioned(order), kept ? this.#agent : undefined),
    );
  }

  #versioned(order: Order): Order {
    return { ...order, path: `/v1.${this.api}${order.path}` };
  }
}

/** A line of a long answer. */
export interface Progress {
  readonly status?: string;
  readonly stream?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** Lines of a long answer that are kept. */
const PROGRESS_KEPT = 1000;

function minorOf(version: string): number {
  return Number(/^1\.(\d+)/.exec(version)?.[1] ?? 0);
}

function send(socketPath: string, order: Order, agent: HttpAgent | undefined): ClientRequest {
  const { method, path, query = {}, body, headers = {}, signal } = order;
  const isJson = body !== undefined && !Buffer.isBuffer(body) && !isStream(body);
  const text = isJson ? Buffer.from(JSON.stringify(body)) : body;
  const asked = request({
    socketPath,
    method,
    path: `${path}${textOf(query)}`,
    agent: agent ?? false,
    headers: {
      host: 'docker',
      ...(text === undefined ? {} : { 'content-type': isJson ? 'application/json' : 'application/x-tar' }),
      ...(Buffer.isBuffer(text) ? { 'content-length': text.length } : {}),
      ...headers,
    },
    ...(signal === undefined ? {} : { signal }),
  });
  if (text !== undefined && !Buffer.isBuffer(text)) {
    (text as Readable).once('error', (error) => asked.destroy(error)).pipe(asked);
  } else asked.end(text);
  return asked;
}

const isStream = (body: object): body is Readable => 'pipe' in body;

function textOf(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    parameters.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** The answer when it is none of refusal (200 to 399; 304 says that there was nothing to do). */
function accepted(endpoint: string, asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asked.once('response', (answer) => {
      const { statusCode = 0 } = answer;
      if (statusCode < 400) {
        resolve(answer);
        return;
      }
      let said = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(0, REFUSAL_BYTES_MAX);
      });
      answer.once('close', () => reject(new DockerError(statusCode, messageIn(said))));
    });
    asked.once('error', (error) => {
      reject(
        new DockerError(0, `the Docker Engine at ${endpoint}: ${reasonOf(endpoint, error)}`, {
          cause: error,
        }),
      );
    });
  });
}

function messageIn(said: string): string {
  try {
    const { message, cause } = JSON.parse(said) as { readonly message?: string; readonly cause?: string };
    return message ?? cause ?? said;
  } catch {
    return said.trim(); // Some engines answer with plain text.
  }
}

function readAll(answer: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const blocks: Buffer[] = [];
    let length = 0;
    answer.on('data', (block: Buffer) => {
      length += block.length;
      if (length > ANSWER_BYTES_MAX) answer.destroy(new Error('the answer is too long'));
      else blocks.push(block);
    });
    answer.once('end', () => resolve(Buffer.concat(blocks)));
    answer.once('error', (error) => reject(new DockerError(0, error.message, { cause: error })));
  });
}

function reasonOf(endpoint: string, error: unknown): string {
  const code = systemCodeOf(error);
  const message = messageOf(error);
  return socketTrouble(endpoint, code) ?? message;
}
