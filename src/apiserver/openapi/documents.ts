import { apiVersionOf } from '../../apimachinery/meta/object.ts';
import type { Catalog } from '../catalog.ts';
import {
  DELETE_OPTIONS,
  LIST_META,
  listDefinition,
  type Operation,
  PATCH,
  type Parameter,
  type PathItem,
  pathsOf,
  pathsOfVirtual,
  STATUS,
} from './operations.ts';

/** Structural schemas by definition name, their references in the form of OpenAPI v2 (`#/definitions/NAME`). */
export type Definitions = Readonly<Record<string, object>>;

const V2 = '#/definitions/';
const V3 = '#/components/schemas/';
const JSON_TYPE = 'application/json';
const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** Group and version of every document, as the index of `/openapi/v3` names it: `api/v1`, `apis/batch/v1`. */
export function documentNames(catalog: Catalog): ReadonlyMap<string, { group: string; version: string }> {
  const names = new Map<string, { group: string; version: string }>();
  for (const { group, version } of [
    ...catalog.resources.map((each) => each.definition),
    ...catalog.virtual,
  ]) {
    const path = `${group === '' ? 'api' : 'apis'}/${apiVersionOf(group, version)}`;
    names.set(path, { group, version });
  }
  return names;
}

/** The OpenAPI v3 document of one group and version. The definitions are complete (see `withGenerated`). */
export function openApiV3(
  catalog: Catalog,
  definitions: Definitions,
  group: string,
  version: string,
): object {
  const items = pathItems(catalog, group, version);
  const paths: Record<string, object> = {};
  for (const item of items) {
    const operations: Record<string, object> = {};
    for (const operation of item.operations) operations[operation.method] = operationV3(operation);
    paths[item.path] = { ...operations, ...parametersV3(item.parameters) };
  }
  const schemas: Record<string, unknown> = {};
  for (const name of reachable(items, definitions)) schemas[name] = referring(definitions[name] ?? {}, V3);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths,
    components: { schemas },
  };
}

/** The OpenAPI v2 document of everything. The definitions are complete (see `withGenerated`). */
export function openApiV2(catalog: Catalog, definitions: Definitions): object {
  const items = [...documentNames(catalog).values()].flatMap(({ group, version }) =>
    pathItems(catalog, group, version),
  );
  const paths: Record<string, object> = {};
  for (const item of items) {
    const operations: Record<string, object> = {};
    for (const operation of item.operations) operations[operation.method] = operationV2(operation);
    paths[item.path] = { ...operations, parameters: item.parameters.map(parameterV2) };
  }
  const used: Record<string, object> = {};
  for (const name of reachable(items, definitions)) used[name] = definitions[name] ?? {};
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths,
    definitions: used,
  };
}

function pathItems(catalog: Catalog, group: string, version: string): readonly PathItem[] {
  const stored = catalog.resources
    .filter(({ definition }) => definition.group === group && definition.version === version)
    .flatMap(pathsOf);
  const virtual = catalog.virtual
    .filter((each) => each.group === group && each.version === version)
    .flatMap(pathsOfVirtual);
  return [...stored, ...virtual].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The definitions with those that follow from others: lists of served kinds, the patch. */
export function withGenerated(catalog: Catalog, definitions: Definitions): Definitions {
  const all: Record<string, object> = { [PATCH]: { type: 'object' }, ...definitions };
  for (const { definition } of catalog.resources) {
    const { group, version, kind, schema } = definition;
    all[schema] ??= { type: 'object', 'x-kubernetes-group-version-kind': [{ group, kind, version }] };
    all[listDefinition(schema)] ??= {
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { type: 'string' },
        items: { type: 'array', items: { $ref: `${V2}${schema}` } },
        kind: { type: 'string' },
        metadata: { $ref: `${V2}${LIST_META}` },
      },
      'x-kubernetes-group-version-kind': [{ group, kind: `${kind}List`, version }],
    };
  }
  for (const { group, version, kind, schema, reads } of catalog.virtual) {
    if (reads === undefined) continue;
    const gvk = { group, kind, version };
    all[schema] ??= { type: 'object', 'x-kubernetes-group-version-kind': [gvk] };
    all[listDefinition(schema)] ??= {
      type: 'object',
      'x-kubernetes-group-version-kind': [{ ...gvk, kind: `${kind}List` }],
    };
  }
  for (const name of [DELETE_OPTIONS, STATUS, LIST_META]) all[name] ??= { type: 'object' };
  return all;
}

/** The names of the definitions that paths refer to, directly or through others, sorted. */
function reachable(items: readonly PathItem[], definitions: Definitions): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const next of referencesIn(definitions[name])) visit(next);
  };
  for (const { operations } of items) {
    for (const { body, answer } of operations) {
      if (body !== undefined) visit(body);
      if (answer !== undefined) visit(answer);
    }
  }
  return [...found].sort();
}

function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const found: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (key === '$ref' && typeof member === 'string') found.push(member.slice(V2.length));
    else found.push(...referencesIn(member));
  }
  return found;
}

/** A copy of a schema with its references under another root. Beside a reference OpenAPI v3 allows nothing else. */
function referring(value: unknown, root: string): unknown {
  if (Array.isArray(value)) return value.map((each) => referring(each, root));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref: reference, ...rest } = value as { $ref?: string };
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(rest)) copy[key] = referring(member, root);
  if (typeof reference !== 'string') return copy;
  const target = { $ref: `${root}${reference.slice(V2.length)}` };
  return Object.keys(copy).length === 0 ? target : { ...copy, allOf: [target] };
}

/** None are left out, as Go's types do: a client that writes what it has read shall get the same. */
function parametersV3(parameters: readonly Parameter[]): object {
  return parameters.length === 0 ? {} : { parameters: parameters.map(parameterV3) };
}

function parameterV3({ name, in: place, type }: Parameter): object {
  return {
    name,
    in: place,
    schema: { type, uniqueItems: true },
    ...(place === 'path' ? { required: true } : {}),
  };
}

function parameterV2({ name, in: place, type }: Parameter): object {
  return { name, in: place, type, uniqueItems: true, ...(place === 'path' ? { required: true } : {}) };
}

function operationV3({ action, operationId, parameters, body, answer, kind }: Operation): object {
  const schema = body === undefined ? undefined : { $ref: `${V3}${body}` };
  const types = body === PATCH ? PATCH_TYPES : ['*/*'];
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  return {
    operationId,
    ...parametersV3(parameters),
    ...(schema === undefined ? {} : { requestBody: { content } }),
    responses: {
      '200': { description: 'OK', content: { [JSON_TYPE]: { schema: schemaOf(V3, answer) } } },
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  };
}

function schemaOf(prefix: string, answer: string | undefined): object {
  return answer === undefined ? { type: 'string' } : { $ref: `${prefix}${answer}` };
}

function operationV2({ action, operationId, parameters, body, answer, kind }: Operation): object {
  const sent = body === undefined ? [] : [{ name: 'body', in: 'body', schema: { $ref: `${V2}${body}` } }];
  return {
    operationId,
    consumes: body === PATCH ? PATCH_TYPES : ['*/*'],
    produces: [JSON_TYPE, 'application/yaml'],
    schemes: ['https'],
    parameters: [...sent, ...parameters.map(parameterV2)],
    responses: {
      '200': { description: 'OK', schema: schemaOf(V2, answer) },
      '401': { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  };
}
