import type { VirtualResource } from '../resource.ts';
import type { ServedResource } from '../served-resource.ts';

/** A query or path parameter, the same for both versions of OpenAPI but for where its type stands. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly type: 'string' | 'integer' | 'boolean';
}

/** One operation of a path. */
export interface Operation {
  readonly method: 'delete' | 'get' | 'head' | 'options' | 'patch' | 'post' | 'put';
  /** `list`, `watch`, `patch`, …, as `x-kubernetes-action` says. */
  readonly action: string;
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  /** Name of the definition of the body; absent when there is none. */
  readonly body?: string;
  /** Name of the definition of the answer; absent where it is no object. */
  readonly answer?: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
}

/** A path with what can be done at it. */
export interface PathItem {
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly operations: readonly Operation[];
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Definitions that every document refers to. */
export const DELETE_OPTIONS = `${META}.DeleteOptions`;
/** The definition of a patch body, whatever its type. */
export const PATCH = `${META}.Patch`;
/** The definition of a Status. */
export const STATUS = `${META}.Status`;
/** The definition of list metadata. */
export const LIST_META = `${META}.ListMeta`;

const query = (name: string, type: Parameter['type'] = 'string'): Parameter => ({ name, in: 'query', type });
const inPath = (name: string): Parameter => ({ name, in: 'path', type: 'string' });
const WRITE = [query('dryRun'), query('fieldManager'), query('fieldValidation')];
const LIST = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue'),
  query('fieldSelector'),
  query('labelSelector'),
  query('limit', 'integer'),
  query('resourceVersion'),
  query('resourceVersionMatch'),
  query('sendInitialEvents', 'boolean'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
];
const DELETE = [
  query('dryRun'),
  query('gracePeriodSeconds', 'integer'),
  query('orphanDependents', 'boolean'),
  query('propagationPolicy'),
];

/** The name of the definition of a kind's list. */
export function listDefinition(schema: string): string {
  return `${schema}List`;
}

/** The paths of a stored resource. */
export function pathsOf({ definition, verbs }: ServedResource): readonly PathItem[] {
  const { group, version, resource, kind, namespaced } = definition;
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespaced ? `${base}/namespaces/{namespace}` : base;
  const outer = [...(namespaced ? [inPath('namespace')] : []), query('pretty')];
  const served = (forms: Readonly<Record<string, OperationForm>>): readonly Operation[] =>
    Object.entries(forms).flatMap(([verb, form]) =>
      verbs.has(verb) ? [{ ...form, kind: { group, version, kind } }] : [],
    );
  const item = `${scope}/${resource}/{name}`;
  return [
    { path: `${scope}/${resource}`, parameters: outer, operations: served(onCollection(definition)) },
    { path: item, parameters: [inPath('name'), ...outer], operations: served(onItem(definition)) },
    ...pathsBelow(definition, item),
    ...(namespaced && verbs.has('list')
      ? [
          {
            path: `${base}/${resource}`,
            parameters: [query('pretty')],
            operations: served(everywhere(definition)),
          },
        ]
      : []),
  ];
}

/** An operation of a kind before the kind is named. */
type OperationForm = Omit<Operation, 'kind'>;
type Definition = ServedResource['definition'];

/** What can be done with all objects of a namespace, or of the cluster, by verb. */
function onCollection({ group, version, kind, namespaced, schema }: Definition) {
  const id = operationIds(group, version, namespaced);
  return {
    list: {
      method: 'get',
      action: 'list',
      operationId: id('list', kind),
      parameters: LIST,
      answer: listDefinition(schema),
    },
    create: {
      method: 'post',
      action: 'post',
      operationId: id('create', kind),
      parameters: WRITE,
      body: schema,
      answer: schema,
    },
    deletecollection: {
      method: 'delete',
      action: 'deletecollection',
      operationId: id('deleteCollection', kind),
      parameters: [...LIST, ...DELETE],
      body: DELETE_OPTIONS,
      answer: STATUS,
    },
  } satisfies Record<string, OperationForm>;
}

/** What can be done with one object, by verb. */
function onItem({ group, version, kind, namespaced, schema }: Definition) {
  const id = operationIds(group, version, namespaced);
  return {
    get: {
      method: 'get',
      action: 'get',
      operationId: id('read', kind),
      parameters: [],
      answer: schema,
    },
    update: {
      method: 'put',
      action: 'put',
      operationId: id('replace', kind),
      parameters: WRITE,
      body: schema,
      answer: schema,
    },
    patch: {
      method: 'patch',
      action: 'patch',
      operationId: id('patch', kind),
      parameters: [...WRITE, query('force', 'boolean')],
      body: PATCH,
      answer: schema,
    },
    delete: {
      method: 'delete',
      action: 'delete',
      operationId: id('delete', kind),
      parameters: DELETE,
      body: DELETE_OPTIONS,
      answer: STATUS,
    },
  } satisfies Record<string, OperationForm>;
}

/** What can be done with the objects of all namespaces: list them. */
function everywhere({ group, version, kind, schema }: Definition) {
  return {
    list: {
      method: 'get',
      action: 'list',
      operationId: `${operationIds(group, version, false)('list', kind)}ForAllNamespaces`,
      parameters: LIST,
      answer: listDefinition(schema),
    },
  } satisfies Record<string, OperationForm>;
}

/** The paths of a resource's subresources, below the path of its items. */
function pathsBelow(definition: Definition, base: string): readonly PathItem[] {
  const { group, version, kind, namespaced, schema, subresources = {} } = definition;
  const id = operationIds(group, version, namespaced);
  const gvk = { group, version, kind };
  const named = [inPath('name'), ...(namespaced ? [inPath('namespace')] : [])];
  return Object.entries(subresources).flatMap(([name, subresource]): PathItem | readonly PathItem[] => {
    const custom = subresource.kind === 'custom' ? subresource : undefined;
    const below = custom?.body;
    const form = below?.schema ?? schema;
    const shown = below === undefined ? gvk : kindOf(below);
    const path = `${base}/${name}`;
    if (custom?.connects !== undefined) {
      const queries = Object.entries(custom.connects).map(([parameter, type]) => query(parameter, type));
      const methods = custom.proxies ? HANDED_ON_METHODS : custom.verbs.map((verb) => METHODS[verb]);
      const item = (suffix: string) =>
        methods.map((method) => connection(method, definition, `${kind}${capital(name)}${suffix}`, shown));
      const parameters = [...named, ...queries];
      const own: PathItem = { path, parameters, operations: item('') };
      if (!custom.proxies) return own;
      const deeper = [...named, inPath('path'), ...queries];
      return [own, { path: `${path}/{path}`, parameters: deeper, operations: item('WithPath') }];
    }
    const operations = subresource.verbs.map((verb): Operation => {
      const method = METHODS[verb];
      const writes = verb === 'create' || verb === 'update';
      return {
        method,
        action: method,
        operationId: id(verb, `${kind}${capital(name)}`),
        parameters: verb === 'get' ? [] : WRITE,
        ...(writes ? { body: form } : verb === 'patch' ? { body: PATCH } : {}),
        answer: form,
        kind: shown,
      };
    });
    return { path, parameters: [...named, query('pretty')], operations };
  });
}

/** What leads to streams: no body, and no object as answer. */
function connection(
  method: Operation['method'],
  { group, version, namespaced }: Definition,
  name: string,
  kind: Operation['kind'],
): Operation {
  const what = `${capital(method)}${namespaced ? 'Namespaced' : ''}${name}`;
  const operationId = operationIds(group, version, false)('connect', what);
  return { method, action: 'connect', operationId, parameters: [], kind };
}

/** The paths of a virtual resource. */
export function pathsOfVirtual(virtual: VirtualResource): readonly PathItem[] {
  const { group, version, resource, kind, namespaced, schema, reads } = virtual;
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const id = operationIds(group, version, namespaced);
  const gvk = { group, version, kind };
  const place = namespaced ? [inPath('namespace')] : [];
  const collection: Operation[] = [];
  if (virtual.create !== undefined) {
    const what = { method: 'post', action: 'post', operationId: id('create', kind) } as const;
    collection.push({ ...what, parameters: WRITE, body: schema, answer: schema, kind: gvk });
  }
  const path = namespaced ? `${base}/namespaces/{namespace}/${resource}` : `${base}/${resource}`;
  const own = (): PathItem => ({ path, parameters: [...place, query('pretty')], operations: collection });
  if (reads === undefined) return [own()];
  const list = (operationId: string): Operation => ({
    method: 'get',
    action: 'list',
    operationId,
    parameters: [query('fieldSelector'), query('labelSelector')],
    answer: listDefinition(schema),
    kind: gvk,
  });
  collection.push(list(id('list', kind)));
  const get: Operation = {
    method: 'get',
    action: 'get',
    operationId: id('read', kind),
    parameters: [],
    answer: schema,
    kind: gvk,
  };
  const item = {
    path: `${path}/{name}`,
    parameters: [inPath('name'), ...place, query('pretty')],
    operations: [get],
  };
  if (!namespaced) return [own(), item];
  const everywhere = list(operationIds(group, version, false)('list', `${kind}ForAllNamespaces`));
  return [
    own(),
    item,
    { path: `${base}/${resource}`, parameters: [query('pretty')], operations: [everywhere] },
  ];
}

function kindOf({ group, version, kind }: Operation['kind']): Operation['kind'] {
  return { group, version, kind };
}

const METHODS = { get: 'get', create: 'post', update: 'put', patch: 'patch', delete: 'delete' } as const;

const HANDED_ON_METHODS = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'] as const;

function operationIds(group: string, version: string, namespaced: boolean) {
  const groupName = group === '' ? 'Core' : capital(group.split('.')[0] ?? group);
  return (verb: string, kind: string): string =>
    `${verb}${groupName}${capital(version)}${namespaced ? 'Namespaced' : ''}${kind}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
