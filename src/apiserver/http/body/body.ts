import { parseExactJson } from '../../../apimachinery/exact-json.ts';
import { goJsonError } from '../../../apimachinery/go-json-error.ts';
import { type BodyNotes, BodyText } from '../../../apimachinery/schema/index.ts';
import { newBadRequest, StatusError } from '../../../apimachinery/status-error.ts';
import { WireError } from '../../protobuf/wire-reader.ts';
import { NO_TYPE, typeComplaint } from '../../type-complaint.ts';
import { header, type Incoming } from '../exchange.ts';
import type { BodyBudget } from './body-budget.ts';

/** Bytes that a body may have: upstream's limit, more than any object that etcd would store. */
const BODY_BYTES_MAX = 3 * 1024 * 1024;

/** A body as the handlers get it, with what only its text shows. */
export interface ReadBody {
  readonly body: unknown;
  /** What only the text of JSON shows. */
  readonly bodyText?: BodyNotes;
}

/**
 * Reads a body to its end and hands it to `use`, whose outcome it answers; until then the body counts against the budget.
 * Throws 413 when it is too large (before it is read, when it says so), 429 when there is no room for it.
 */
export async function withBody<T>(
  request: Incoming,
  budget: BodyBudget,
  use: (bytes: Buffer) => T | Promise<T>,
): Promise<T> {
  const reading = new BodyReading(request, budget);
  try {
    return await use(await reading.bytes());
  } finally {
    reading.release();
  }
}

/** One body on its way in. */
class BodyReading {
  readonly #request: Incoming;
  readonly #budget: BodyBudget;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(request: Incoming, budget: BodyBudget) {
    this.#request = request;
    this.#budget = budget;
  }

  bytes(): Promise<Buffer> {
    const request = this.#request;
    const said = Number(header(request, 'content-length') ?? 0);
    if (said > BODY_BYTES_MAX) return Promise.reject(newTooLarge());
    return new Promise((resolve, reject) => {
      let over = false;
      const giveUp = (error: unknown): void => {
        over = true;
        request.pause();
        reject(error);
      };
      request.on('data', (chunk: Buffer) => {
        if (over) return;
        if (this.#size + chunk.length > BODY_BYTES_MAX) {
          giveUp(newTooLarge());
          return;
        }
        try {
          this.#budget.take(chunk.length);
        } catch (error) {
          giveUp(error);
          return;
        }
        this.#size += chunk.length;
        this.#chunks.push(chunk);
      });
      request.on('end', () => {
        over = true;
        const [first] = this.#chunks;
        resolve(this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks));
      });
      // A body breaks off because its client does: node tells that of HTTP/1.1 by an error of the request.
      const gone = (): void => {
        if (!over) giveUp(newBadRequest('the client has gone'));
      };
      request.on('error', gone);
      request.on('close', gone);
    });
  }

  release(): void {
    this.#chunks = [];
    this.#budget.give(this.#size);
    this.#size = 0;
  }
}

function newTooLarge(): StatusError {
  return new StatusError(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: limit is ${BODY_BYTES_MAX}`,
  );
}

/** What a body was meant to be, for the messages about one that is not. */
export interface Expected {
  /** `Job`; absent for the options of a delete, where upstream's complaint stands alone. */
  readonly kind?: string;
  /** Decodes protobuf; absent when this server cannot. */
  readonly protobuf?: (bytes: Uint8Array) => Promise<unknown>;
}

/** Bytes of a broken body that its error shows: upstream's. */
const SHOWN_BYTES_MAX = 30;

/** Decodes an object's body by its content type; throws 400 and 415 as upstream words them. */
export async function decodeBody(
  bytes: Buffer,
  contentType: string | undefined,
  expected: Expected,
): Promise<ReadBody> {
  const text = bytes.toString('utf8');
  switch (bodyType(contentType)) {
    case '':
    case 'application/json':
      return objectOnly(
        withText(
          parseJson(text, (why) => unrecognized(expected, NO_TYPE + why, bytes)),
          text,
        ),
        expected,
        bytes,
      );
    case 'application/yaml':
      return objectOnly(await parseYaml(text, (why) => unrecognized(expected, why, bytes)), expected, bytes);
    case 'application/vnd.kubernetes.protobuf':
      if (expected.protobuf !== undefined) return readProtobuf(bytes, expected, expected.protobuf);
      throw unsupported(['application/json', 'application/yaml']);
    default:
      throw unsupported(['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']);
  }
}

async function readProtobuf(
  bytes: Buffer,
  expected: Expected,
  decode: (bytes: Uint8Array) => Promise<unknown>,
): Promise<ReadBody> {
  if (bytes.length === 0) throw newBadRequest(unrecognized(expected, 'empty data', bytes));
  try {
    return { body: await decode(bytes) };
  } catch (error) {
    if (error instanceof WireError) throw newBadRequest(unrecognized(expected, error.message, bytes));
    throw error;
  }
}

/** Adds what `JSON.parse` hides. */
export function withText(body: unknown, text: string): ReadBody {
  return { body, bodyText: new BodyText(text) };
}

function unrecognized({ kind }: Expected, why: string, bytes: Buffer): string {
  if (kind === undefined) return why;
  return `the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(bytes)})`;
}

/** The beginning of a body: as it is when it looks like JSON, else in hexadecimal digits. */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const begin = bytes.subarray(0, SHOWN_BYTES_MAX);
  const shown = bytes[0] === OPENING_BRACE ? begin.toString('utf8') : begin.toString('hex');
  return bytes.length > SHOWN_BYTES_MAX ? `${shown} ...` : shown;
}

const OPENING_BRACE = 0x7b;

/** Refuses a list, a scalar and a type that is none; null is an empty object, as to Go. */
function objectOnly(read: ReadBody, expected: Expected, bytes: Buffer): ReadBody {
  const { body } = read;
  if (body === null || body === undefined) return { ...read, body: {} };
  const why = typeComplaint(body);
  if (why !== undefined) throw newBadRequest(unrecognized(expected, why, bytes));
  return read;
}

/** 415, naming what is accepted. */
function unsupported(accepted: readonly string[]): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

/** The parameters of a media type as Go's `mime` reads them: each a token with its value, and perhaps a last semicolon. */
const PARAMETERS =
  /^(?:\s*;\s*[-!#$%&'*+.^_`|~0-9A-Za-z]+\s*=\s*(?:[-!#$%&'*+.^_`|~0-9A-Za-z]+|"(?:[^"\\\r\n]|\\.)*"))*(?:\s*;)?$/;

/** The type of a body by its Content-Type header; undefined where the parameters are none. */
function bodyType(contentType = ''): string | undefined {
  const end = contentType.indexOf(';');
  if (end < 0) return contentType.trim().toLowerCase();
  const parameters = contentType.slice(end).trimEnd();
  if (!PARAMETERS.test(parameters)) return undefined;
  const names = [...parameters.matchAll(/;\s*([^;=\s"]+)\s*=/g)].map(([, name]) => name?.toLowerCase());
  return new Set(names).size < names.length ? undefined : contentType.slice(0, end).trim().toLowerCase();
}

/** The type of a patch by its Content-Type header: spelled as it is, and whatever parameters it has. */
export function patchTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim() ?? '';
}

/** Parses JSON; throws 400 with what `message` makes of Go's complaint. */
export function parseJson(text: string, message: (why: string) => string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    throw newBadRequest(message(goJsonError(text)));
  }
}

/**
 * Parses the first document of a YAML text as upstream's library does; throws 400. A text that is JSON, such as kubectl
 * sends for server-side apply, is read as JSON: it means the same and takes a tenth of the time.
 */
export async function parseYaml(text: string, message: (why: string) => string): Promise<ReadBody> {
  const json = text.startsWith('{') ? asJson(text) : undefined;
  if (json !== undefined) return json;
  const { readYaml, YamlError } = await import('./yaml-document.ts');
  try {
    const { value, twice } = readYaml(text);
    return { body: value, bodyText: yamlNotes(twice) };
  } catch (error) {
    if (error instanceof YamlError) throw newBadRequest(message(error.message));
    throw error;
  }
}

/** Undefined for a text that is no JSON, or one with members that stand twice, of which YAML's reader tells the lines. */
function asJson(text: string): ReadBody | undefined {
  try {
    const body = parseExactJson(text);
    return new BodyText(text).duplicates.length === 0 ? { body } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Numbers have lost their spelling when upstream has made JSON of YAML. */
function yamlNotes(twice: string | undefined): BodyNotes {
  return {
    literals: new Map(),
    doubts: (unknown) => [
      ...(twice === undefined ? [] : [twice]),
      ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
    ],
  };
}
