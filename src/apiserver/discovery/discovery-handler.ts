import { createHash } from 'node:crypto';
import type { Catalog } from '../catalog.ts';
import { newUnknownResource } from '../handler-chain.ts';
import { parseAccept } from '../http/negotiate.ts';
import type { PathAnswer, PathHandler, PathRequest } from '../http/path-handlers.ts';
import { aggregated, apiGroup, apiGroupList, apiResourceList, apiVersions, groupsOf } from './documents.ts';

/** Answers `/api`, `/api/v1`, `/apis`, `/apis/GROUP` and `/apis/GROUP/VERSION`. Documents are made once, when asked for. */
export function discoveryHandler(catalog: Catalog, address: () => string): PathHandler {
  const made = new Map<string, PathAnswer | undefined>();
  const once = (key: string, make: () => object | undefined, contentType = 'application/json') => {
    if (!made.has(key)) {
      const document = make();
      made.set(
        key,
        document === undefined
          ? undefined
          : {
              code: 200,
              contentType,
              body: `${JSON.stringify(document)}\n`,
              ...(contentType === 'application/json' && { document }),
            },
      );
    }
    return made.get(key);
  };
  return (request) => {
    const parts = request.path.split('/').filter((each) => each !== '');
    const [root, first, second, ...more] = parts;
    if (more.length > 0) return undefined;
    if (first === undefined) {
      const core = root === 'api';
      const version = aggregatedVersion(request.accept);
      if (version !== undefined) {
        const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
        const make = () => aggregated(catalog, core, `apidiscovery.k8s.io/${version}`);
        return tagged(once(`${root}:${version}`, make, contentType), request);
      }
      return once(root ?? '', () => (core ? apiVersions(address()) : apiGroupList(catalog)));
    }
    if (root === 'api') {
      return second === undefined
        ? (once(`api/${first}`, () => apiResourceList(catalog, '', first)) ?? unknownVersion(catalog, ''))
        : undefined;
    }
    if (second !== undefined) {
      const list = once(`apis/${first}/${second}`, () => apiResourceList(catalog, first, second));
      return list ?? unknownVersion(catalog, first);
    }
    return once(`apis/${first}`, () => {
      const group = groupsOf(catalog).find((each) => each.name === first);
      return group === undefined ? undefined : apiGroup(group);
    });
  };
}

/** A version that a served group does not have: upstream's router knows the group, and answers with a Status. */
function unknownVersion(catalog: Catalog, group: string): undefined {
  if (catalog.hasGroup(group)) throw newUnknownResource();
}

/** The version of the aggregated document that a client prefers to the legacy one. */
function aggregatedVersion(accept: string | undefined): string | undefined {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    if (type !== 'application/json' && type !== '*/*') continue;
    const { as, g, v } = parameters;
    if (as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && (v === 'v2' || v === 'v2beta1'))
      return v;
    if (as === undefined) return undefined;
  }
  return undefined;
}

/** Adds an ETag, and answers 304 to a client that has the document already. */
function tagged(answer: PathAnswer | undefined, request: PathRequest): PathAnswer | undefined {
  if (answer === undefined) return undefined;
  const tag = `"${createHash('sha512').update(answer.body).digest('hex').toUpperCase()}"`;
  const headers = { ETag: tag, Vary: 'Accept', 'Cache-Control': 'public' };
  if (request.headers['if-none-match'] === tag) return { ...answer, code: 304, body: '', headers };
  return { ...answer, headers };
}
