import { createHash } from 'node:crypto';
import type { Catalog } from '../catalog.ts';
import { parseAccept } from '../http/answer/negotiate.ts';
import { json, type PathAnswer, type PathHandler, text } from '../http/path-handlers.ts';
import { type Descriptions, described } from './described.ts';
import { type Definitions, documentNames, openApiV2, openApiV3, withGenerated } from './documents.ts';
import { gnosticDocument } from './gnostic-document.ts';

interface Document {
  readonly body: string | Uint8Array;
  readonly contentType: string;
  readonly hash: string;
}

const JSON_TYPE = 'application/json';

/**
 * Media types of the v2 document in protobuf. Clients ask for the one with `@`, which no media type may contain, so that
 * the answer bears the other (https://github.com/kubernetes/kube-openapi, pkg/handler).
 */
const PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const ASKED_PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** The v2 document comes in several forms, and may come compressed. */
const VARY_V2 = 'Accept-Encoding, Accept';

const NOT_ACCEPTABLE: PathAnswer = {
  code: 406,
  contentType: 'text/plain; charset=utf-8',
  body: '',
  headers: { Vary: VARY_V2 },
};

/**
 * Answers `/openapi/v3`, `/openapi/v3/…` and `/openapi/v2`, the last in JSON or in protobuf, as the client accepts it.
 * Documents are made once, when asked for, and the descriptions loaded with the first.
 */
export function openApiHandler(
  catalog: Catalog,
  definitions: Definitions,
  loadDescriptions: () => Promise<Descriptions> = async () => ({}),
): PathHandler {
  let documents: Promise<PathHandler> | undefined;
  return async (request) => {
    documents ??= loadDescriptions().then((descriptions) =>
      documentHandler(catalog, described(withGenerated(catalog, definitions), descriptions)),
    );
    return (await documents)(request);
  };
}

/** Answers from complete definitions. The document in protobuf has the hash of the one in JSON. */
function documentHandler(catalog: Catalog, definitions: Definitions): PathHandler {
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
    const fresh = { body: text, contentType: JSON_TYPE, hash };
    made.set(name, fresh);
    return fresh;
  };
  let inProtobuf: Document | undefined;
  const protobufDocument = (): Document => {
    inProtobuf ??= {
      body: gnosticDocument(openApiV2(catalog, definitions)),
      contentType: PROTOBUF_TYPE,
      hash: document('v2')?.hash ?? '',
    };
    return inProtobuf;
  };
  return ({ path, parameters, headers, accept }) => {
    if (path === '/openapi/v3' || path === '/openapi/v3/') {
      const paths: Record<string, object> = {};
      for (const name of [...names.keys()].sort()) {
        paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${document(name)?.hash}` };
      }
      // Upstream names no type for it, and Go takes it for a text.
      return text(json({ paths }).body as string);
    }
    const v2 = path === '/openapi/v2';
    const format = v2 ? formatOfV2(accept) : 'json';
    if (format === undefined) return NOT_ACCEPTABLE;
    const found =
      format === 'protobuf' ? protobufDocument() : document(v2 ? 'v2' : path.replace('/openapi/v3/', ''));
    if (found === undefined) return path.startsWith('/openapi/v3/') ? NO_DOCUMENT : undefined;
    const vary = v2 ? VARY_V2 : 'Accept';
    return answer(found, vary, headers['if-none-match'], parameters['hash'] === found.hash);
  };
}

/** Upstream says nothing of a version that there is not. */
const NO_DOCUMENT: PathAnswer = { code: 404, contentType: 'text/plain; charset=utf-8', body: '' };

/** The form of the v2 document that an Accept header prefers; undefined when it takes neither. */
function formatOfV2(accept = ''): 'json' | 'protobuf' | undefined {
  if (accept === '') return 'json';
  for (const { type } of parseAccept(accept)) {
    if (type === JSON_TYPE || type === 'application/*' || type === '*/*') return 'json';
    if (type === PROTOBUF_TYPE || type === ASKED_PROTOBUF_TYPE) return 'protobuf';
  }
  return undefined;
}

/** A client that names the hash may keep the document for ever: another document has another hash. */
function answer(
  { body, contentType, hash }: Document,
  vary: string,
  known: unknown,
  immutable: boolean,
): PathAnswer {
  const headers = {
    ETag: `"${hash}"`,
    Vary: vary,
    ...(immutable ? { 'Cache-Control': 'public, immutable' } : {}),
  };
  if (known === `"${hash}"`) return { code: 304, contentType, body: '', headers };
  return { code: 200, contentType, body, headers };
}
