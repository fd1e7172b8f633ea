import { createHash } from 'node:crypto';
import type { Catalog } from '../catalog.ts';
import { newUnknownResource } from '../handler-chain.ts';
import {
  AGGREGATED_VERSION,
  type DocumentView,
  MEDIA_TYPES,
  negotiateDocument,
} from '../http/answer/negotiate.ts';
import {
  assertRoutable,
  type PathAnswer,
  type PathHandler,
  type PathRequest,
} from '../http/path-handlers.ts';
import { aggregated, apiGroup, apiGroupList, apiResourceList, apiVersions, groupsOf } from './documents.ts';

/** Parameters of the media type of the aggregated document. */
const AGGREGATED = `;g=apidiscovery.k8s.io;v=${AGGREGATED_VERSION};as=APIGroupDiscoveryList`;

/** A document, and its text in JSON. */
interface Made {
  readonly document: object;
  readonly body: string;
}

/**
 * Answers `/api`, `/api/v1`, `/apis`, `/apis/GROUP` and `/apis/GROUP/VERSION` in JSON, YAML and protobuf. Documents are made
 * once, when asked for. As upstream, `/apis` and `/apis/GROUP` answer every method, and refuse what they have no form for
 * in other words than the rest, which lies behind upstream's router; and `/apis/` has no aggregated document, though `/api/` has.
 */
export function discoveryHandler(catalog: Catalog, address: () => string): PathHandler {
  const made = new Map<string, Made | undefined>();
  const once = (key: string, make: () => object | undefined): Made | undefined => {
    if (!made.has(key)) {
      const document = make();
      made.set(key, document && { document, body: `${JSON.stringify(document)}\n` });
    }
    return made.get(key);
  };
  const group = (name: string): Made | undefined =>
    once(`apis/${name}`, () => {
      const found = groupsOf(catalog).find((each) => each.name === name);
      return found === undefined ? undefined : apiGroup(found);
    });
  return (request) => {
    const [root = '', ...below] = request.path.split('/').filter((each) => each !== '');
    if (root === 'api' ? below.length > 1 : below.length > 2) return undefined;
    const core = root === 'api';
    if (below.length === 0) {
      if (core) assertRoutable(request);
      const view = negotiateDocument(request.accept, request.path !== '/apis/');
      if (view.aggregated)
        return tagged(
          once(`${root}:`, () => aggregated(catalog, core)),
          view,
          request,
        );
      return shown(
        once(root, () => (core ? apiVersions(address()) : apiGroupList(catalog))),
        view,
      );
    }
    const [name = '', version] = core ? ['', ...below] : below;
    const routed = version !== undefined;
    const found = routed ? once(below.join('/'), () => apiResourceList(catalog, name, version)) : group(name);
    if (found === undefined && routed && catalog.hasGroup(name)) throw newUnknownResource();
    if (found === undefined) return undefined;
    if (routed) assertRoutable(request);
    return shown(found, negotiateDocument(request.accept, false));
  };
}

function shown(made: Made | undefined, { format }: DocumentView, parameters = ''): PathAnswer | undefined {
  if (made === undefined) return undefined;
  const contentType = `${MEDIA_TYPES[format]}${parameters}`;
  return { code: 200, contentType, ...made, ...(format === 'json' ? {} : { format }) };
}

/** Adds an ETag, and answers 304 to a client that has the document already, in whatever form. */
function tagged(made: Made | undefined, view: DocumentView, request: PathRequest): PathAnswer | undefined {
  const answer = shown(made, view, AGGREGATED);
  if (answer === undefined) return undefined;
  const tag = `"${createHash('sha512').update(answer.body).digest('hex').toUpperCase()}"`;
  const headers = { ETag: tag, Vary: 'Accept', 'Cache-Control': 'public' };
  if (request.headers['if-none-match'] !== tag) return { ...answer, headers };
  return { code: 304, contentType: answer.contentType, body: '', headers };
}
