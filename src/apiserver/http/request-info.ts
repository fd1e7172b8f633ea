import type { ApiRequest, Verb } from '../../apimachinery/api-request.ts';
import { goQuote } from '../../apimachinery/go-text.ts';

/** What a URL and a method ask for. */
export type RequestInfo =
  | {
      readonly kind: 'resource';
      /** Without body; the verb is the one that authorization sees. */
      readonly request: ApiRequest;
      /** Whether the path ends at a collection, so that POST is allowed and PUT is not. */
      readonly collection: boolean;
      /** Whether the path asks for a watch, the old way, whatever the method. */
      readonly watchPath: boolean;
    }
  | {
      readonly kind: 'path';
      readonly path: string;
      /** Lower-case method: `get`. */
      readonly verb: string;
      readonly parameters: Readonly<Record<string, string>>;
      /** What upstream answers before all else, as plain text, where it can make nothing of the request line. */
      readonly fault?: { readonly code: 400 | 500; readonly text: string };
    };

const VERBS: Readonly<Record<string, Verb>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** A percent sign that begins no byte. */
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Subresources of a namespace itself, which are not resources in it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

/**
 * Reads a request line by the rules of k8s.io/apiserver's RequestInfo: `/api/v1/…` and `/apis/GROUP/VERSION/…` are
 * resources, `namespaces/NS` comes before them, `watch/` after the version is the old way to ask for a watch, everything
 * else is a plain path.
 */
export function requestInfo(method: string, url: string): RequestInfo {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const { parameters, repeated } = queryParameters(question < 0 ? '' : url.slice(question + 1));
  // Upstream reads the path decoded: a slash that was written `%2F` is one.
  const parts = decode(path)
    .split('/')
    .filter((each) => each !== '');
  const plain: RequestInfo = { kind: 'path', path, verb: method.toLowerCase(), parameters };
  // Go's server refuses it by itself.
  if (BROKEN_ESCAPE.test(path)) return { ...plain, fault: { code: 400, text: '400 Bad Request' } };
  // A method that nothing is served by is looked up all the same: whether there is anything decides on the refusal.
  const verb = VERBS[method] ?? 'get';
  let group = '';
  let at: number;
  if (parts[0] === 'api') at = 1;
  else if (parts[0] === 'apis') {
    group = parts[1] ?? '';
    at = 2;
  } else return plain;
  const version = parts[at];
  if (version === undefined || parts.length < at + 2) return plain;
  let rest = parts.slice(at + 1);
  if (rest.length === 1 && (rest[0] === 'watch' || rest[0] === 'proxy')) {
    const why = `unable to determine kind and namespace from url, ${url}`;
    return { ...plain, fault: { code: 500, text: undeterminable(url, why) } };
  }
  const watchPath = rest[0] === 'watch';
  if (watchPath) rest = rest.slice(1);
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2] ?? '')) {
    namespace = rest[1];
    rest = rest.slice(2);
  } else if (rest[0] === 'namespaces' && rest.length > 1) {
    // Upstream authorizes what concerns one namespace within that namespace; its key has no namespace.
    namespace = undefined;
  }
  const [resource = '', name, subresource] = rest;
  const deeper = rest.length < 3 ? '' : after(path, parts.length - (rest.length - 3));
  const request: ApiRequest = {
    verb: watchPath ? 'watch' : finalVerb(verb, name, parameters),
    group,
    version,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(deeper === '' ? {} : { rest: deeper }),
    ...(question < 0 ? {} : { parameters }),
    ...(repeated === undefined ? {} : { repeated }),
  };
  return { kind: 'resource', request, collection: name === undefined, watchPath };
}

/** What upstream says of a request of which it cannot tell what it is for. */
function undeterminable(url: string, why: string): string {
  const text = `Internal Server Error: ${goQuote(url)}: failed to create RequestInfo: ${why}`;
  return `${text.replace(/[&<>]/g, (letter) => ESCAPED[letter] ?? letter)}\n`;
}

function finalVerb(verb: Verb, name: string | undefined, parameters: Readonly<Record<string, string>>): Verb {
  if (name !== undefined) return verb;
  if (verb === 'delete') return 'deletecollection';
  if (verb !== 'get') return verb;
  const { watch } = parameters;
  return watch === undefined || watch === 'false' || watch === '0' ? 'list' : 'watch';
}

/** What follows the so many first segments of a path that are not empty, from its slash on. */
function after(path: string, segments: number): string {
  let at = 0;
  for (let seen = 0; seen < segments; seen++) {
    while (path[at] === '/') at++;
    while (at < path.length && path[at] !== '/') at++;
  }
  return path.slice(at);
}

function decode(segment: string): string {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment;
  } catch {
    return segment;
  }
}

interface Query {
  /** The first value of each parameter. */
  readonly parameters: Record<string, string>;
  /** All values of those that stand more than once; undefined where none does. */
  readonly repeated?: Record<string, string[]>;
}

function queryParameters(query: string): Query {
  const parameters = Object.create(null) as Record<string, string>;
  let repeated: Record<string, string[]> | undefined;
  if (query === '') return { parameters };
  for (const [name, value] of new URLSearchParams(query)) {
    const first = parameters[name];
    if (first === undefined) parameters[name] = value;
    else {
      repeated ??= Object.create(null) as Record<string, string[]>;
      repeated[name] ??= [first];
      repeated[name].push(value);
    }
  }
  return repeated === undefined ? { parameters } : { parameters, repeated };
}
