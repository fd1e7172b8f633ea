import type { UserInfo } from '../../apimachinery/api-request.ts';

/** A request for a plain path. */
export interface PathRequest {
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
  /** What `body` says in JSON, where it can be had in protobuf too. */
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
export const PAGE_NOT_FOUND: PathAnswer = text('404 page not found\n', 404);

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
