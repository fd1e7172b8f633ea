import type { UserInfo } from '../../apimachinery/api-request.ts';
import { newMethodNotAllowed } from '../handler-chain.ts';
import { assertAccepts, type Format } from './answer/negotiate.ts';

/** A request for a plain path. */
export interface PathRequest {
  /** As it was sent: `GET`. */
  readonly method: string;
  readonly path: string;
  /** The first value of each parameter. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The text after the question mark, empty without one. */
  readonly query: string;
  readonly accept: string | undefined;
  readonly user: UserInfo;
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The answer of a plain path: text or JSON with its status. */
export interface PathAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** The form that `document` is wanted in, where that is not the JSON of `body`. */
  readonly format?: Exclude<Format, 'json'>;
  /** What `body` says in JSON, where it can be had in other forms too. */
  readonly document?: object;
}

/** Answers a plain path; undefined when there is nothing at it. */
export type PathHandler = (request: PathRequest) => PathAnswer | undefined | Promise<PathAnswer | undefined>;

/** A plain text. */
export function text(body: string, code = 200): PathAnswer {
  return { code, contentType: 'text/plain; charset=utf-8', body };
}

/** A JSON document, indented as Kubernetes shows those of plain paths. */
export function json(value: object, code = 200): PathAnswer {
  return { code, contentType: 'application/json', body: JSON.stringify(value, undefined, 2) };
}

/** What Go's server answers where nothing is. */
export const PAGE_NOT_FOUND: PathAnswer = {
  ...text('404 page not found\n', 404),
  headers: { 'X-Content-Type-Options': 'nosniff' },
};

/**
 * What upstream's router has against a request for a path that it knows: 405 for any method but GET, 406 for a client that
 * accepts none of `types` (default: all that documents can be had in).
 */
export function assertRoutable({ method, accept }: PathRequest, types?: readonly string[]): void {
  if (method !== 'GET') throw newMethodNotAllowed();
  assertAccepts(accept, types);
}

/** Plain paths by their first segment; a handler sees everything below it. */
export class PathHandlers {
  readonly #handlers = new Map<string, PathHandler>();

  /** Serves everything whose first segment is `segment` by `handler`. */
  add(segment: string, handler: PathHandler): void {
    this.#handlers.set(segment, handler);
  }

  /** Answers a request. */
  async answer(request: PathRequest): Promise<PathAnswer> {
    const segment = request.path.split('/')[1] ?? '';
    const answer = await this.#handlers.get(segment)?.(request);
    return answer ?? PAGE_NOT_FOUND;
  }

  /** Whether anything is served below that first segment. */
  has(segment: string): boolean {
    return this.#handlers.has(segment);
  }

  /** First segments served, sorted. */
  get segments(): readonly string[] {
    return [...this.#handlers.keys()].sort();
  }
}
