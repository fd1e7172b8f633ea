import { apiVersionOf } from '../../apimachinery/meta/object.ts';
import type { Catalog } from '../catalog.ts';
import { json, type PathHandler } from '../http/path-handlers.ts';
import { groupsOf } from './documents.ts';

/**
 * Answers `/` with the paths of this server, as `kubectl get --raw /` shows them.
 *
 * @param segments first segments of the plain paths served.
 */
export function indexHandler(catalog: Catalog, segments: () => readonly string[]): PathHandler {
  return ({ path }) => (path === '/' ? json({ paths: pathsOf(catalog, segments()) }) : undefined);
}

/** Segments whose paths are told apart below. */
const TOLD_APART = new Set(['', 'api', 'apis', 'openapi']);
/** The one path that is below a segment, where that is not the segment's own. */
const WHOLE: Readonly<Record<string, string>> = {
  '.well-known': '.well-known/openid-configuration',
  openid: 'openid/v1/jwks',
};

function pathsOf(catalog: Catalog, segments: readonly string[]): readonly string[] {
  const plain = segments
    .filter((segment) => !TOLD_APART.has(segment))
    .map((segment) => `/${WHOLE[segment] ?? segment}`);
  const groups = groupsOf(catalog).flatMap(({ name, versions }) => [
    `/apis/${name}`,
    ...versions.map((version) => `/apis/${apiVersionOf(name, version)}`),
  ]);
  return [
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    ...groups,
    ...plain,
  ].sort();
}
