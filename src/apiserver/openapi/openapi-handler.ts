import { createHash } from 'node:crypto';
import type { Catalog } from '../catalog.ts';
import { json, type PathAnswer, type PathHandler } from '../http/path-handlers.ts';
import { type Definitions, documentNames, openApiV2, openApiV3 } from './documents.ts';

interface Document {
  readonly text: string;
  readonly hash: string;
}

/** Answers `/openapi/v3`, `/openapi/v3/…` and `/openapi/v2`. Documents are made once, when asked for. */
export function openApiHandler(catalog: Catalog, definitions: Definitions): PathHandler {
  const names = documentNames(catalog);
  const made = new Map<string, Document>();
  const document = (name: string): Document | undefined => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const where = names.get(name);
    if (where === undefined && name !== 'v2') return undefined;
    const content =
      where === undefined
        ? openApiV2(catalog, definitions)
        : openApiV3(catalog, definitions, where.group, where.version);
    const text = JSON.stringify(content);
    const hash = createHash('sha512').update(text).digest('hex').toUpperCase();
    const fresh = { text, hash };
    made.set(name, fresh);
    return fresh;
  };
  return ({ path, parameters, headers }) => {
    if (path === '/openapi/v3' || path === '/openapi/v3/') {
      const paths: Record<string, object> = {};
      for (const name of [...names.keys()].sort()) {
        paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${document(name)?.hash}` };
      }
      return json({ paths });
    }
    const name = path === '/openapi/v2' ? 'v2' : path.replace('/openapi/v3/', '');
    const found = document(name);
    if (found === undefined) return undefined;
    return answer(found, headers['if-none-match'], parameters['hash'] === found.hash);
  };
}

/** A client that names the hash may keep the document for ever: another document has another hash. */
function answer({ text, hash }: Document, known: unknown, immutable: boolean): PathAnswer {
  const headers = {
    ETag: `"${hash}"`,
    Vary: 'Accept',
    ...(immutable ? { 'Cache-Control': 'public, immutable' } : {}),
  };
  if (known === `"${hash}"`) return { code: 304, contentType: 'application/json', body: '', headers };
  return { code: 200, contentType: 'application/json', body: text, headers };
}
