/** Requests made up from a seed: some that mean something, most of them broken somewhere. The same seed makes the same ones. */
import { type Random, seededRandom } from '../../src/apimachinery/random.ts';
import { cronJobBody, jobBody, podBody } from './hostile-requests.ts';

/** A request as a client sends it. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Resources by path below the group, with whether they lie in a namespace. */
const RESOURCES: readonly (readonly [base: string, resource: string, namespaced: boolean])[] = [
  ['/apis/batch/v1', 'jobs', true],
  ['/apis/batch/v1', 'cronjobs', true],
  ['/api/v1', 'pods', true],
  ['/api/v1', 'configmaps', true],
  ['/api/v1', 'secrets', true],
  ['/api/v1', 'services', true],
  ['/api/v1', 'events', true],
  ['/api/v1', 'serviceaccounts', true],
  ['/api/v1', 'persistentvolumeclaims', true],
  ['/api/v1', 'resourcequotas', true],
  ['/api/v1', 'limitranges', true],
  ['/api/v1', 'namespaces', false],
  ['/api/v1', 'nodes', false],
  ['/apis/rbac.authorization.k8s.io/v1', 'roles', true],
  ['/apis/rbac.authorization.k8s.io/v1', 'clusterroles', false],
  ['/apis/rbac.authorization.k8s.io/v1', 'rolebindings', true],
  ['/apis/coordination.k8s.io/v1', 'leases', true],
  ['/apis/scheduling.k8s.io/v1', 'priorityclasses', false],
  ['/apis/policy/v1', 'poddisruptionbudgets', true],
  ['/apis/events.k8s.io/v1', 'events', true],
  ['/apis/authentication.k8s.io/v1', 'tokenreviews', false],
  ['/apis/authorization.k8s.io/v1', 'selfsubjectaccessreviews', false],
];

const NAMESPACES = ['default', 'default', 'default', 'kube-system', 'other', 'missing', '__proto__'];
const NAMES = ['a', 'b', 'c', 'target', 'very-long-name', 'constructor', 'x.y', 'UPPER', 'spa ce', '%', '..'];
const SUBRESOURCES = [
  'status',
  'log',
  'exec',
  'attach',
  'token',
  'eviction',
  'binding',
  'resize',
  'finalize',
  'scale',
  'nothing',
  'status/more',
  '__proto__',
];
const PLAIN_PATHS = [
  '/',
  '/api',
  '/apis',
  '/apis/batch',
  '/version',
  '/healthz',
  '/livez/ping',
  '/readyz?verbose&exclude=x',
  '/metrics',
  '/openapi/v3',
  '/openapi/v2',
  '/logs',
  '/apis/nothing/v1/things',
  '/api/v1/watch/pods',
  '//api//v1//pods',
  '/api/v1/namespaces/default/pods/a/b/c/d/e',
];
const METHODS = [
  'GET',
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'PATCH',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PURGE',
];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const CONTENT_TYPES = [
  'application/json',
  'application/json',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  'application/json; charset=utf-8',
  ';',
];
const ACCEPTS = [
  '*/*',
  'application/json',
  'application/yaml',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf',
  'text/html',
  'a/b;q=;;,,',
];
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  labelSelector: ['a=b', 'a in (b,c)', '!a', 'a>1', '(', 'constructor', '%00', `a=${'x'.repeat(300)}`],
  fieldSelector: ['metadata.name=a', 'status.phase!=Running', 'x=y', '=', 'metadata.__proto__=1'],
  limit: ['1', '2', '0', '-1', '99999999999999999999', 'x'],
  continue: ['', 'x', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ', '%'],
  resourceVersion: ['0', '1', '-1', '999999999', 'x', ''],
  resourceVersionMatch: ['Exact', 'NotOlderThan', 'x'],
  timeoutSeconds: ['1', '0', '-5', 'x'],
  timeout: ['1s', '1ms', 'x', '-1h'],
  dryRun: ['All', 'None', ''],
  fieldManager: ['fuzz', '', 'x'.repeat(200), '\u0001'],
  force: ['true', 'false', '1', 'x'],
  fieldValidation: ['Strict', 'Warn', 'Ignore', 'x'],
  pretty: ['true', '0'],
  propagationPolicy: ['Orphan', 'Foreground', 'Background', 'x'],
  gracePeriodSeconds: ['0', '-1', '30', 'x'],
  includeObject: ['None', 'Object', 'x'],
  allowWatchBookmarks: ['true'],
  sendInitialEvents: ['true', 'false'],
  container: ['main', 'x'],
  follow: ['true'],
  tailLines: ['1', '-1'],
  __proto__x: ['1'],
};
const WORDS = [
  'metadata',
  'name',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'managedFields',
  'spec',
  'status',
  'template',
  'containers',
  'data',
  'stringData',
  'schedule',
  'timeZone',
  'parallelism',
  'completions',
  'rules',
  'subjects',
  'ports',
  'env',
  '$patch',
  '$retainKeys',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  '__proto__',
  'constructor',
  'kind',
  'apiVersion',
];
const STRINGS = [
  '',
  'a',
  'x'.repeat(70),
  'x'.repeat(300),
  '\u0000',
  '\ud800',
  '💥',
  '-1',
  '1Gi',
  '1e400',
  '@every 1s',
  '* * * * *',
  'Europe/Berlin',
  '2026-01-01T00:00:00Z',
  '2026-99-99T99:99:99Z',
  'replace',
  'delete',
  'merge',
  '__proto__',
  '$(A)',
  '../../etc',
];
const NUMBERS = [0, 1, -1, 0.5, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53, 1e308, 65_536];

/** Makes up one request after the other. */
export class FuzzRequests {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** The next one. */
  next(): FuzzRequest {
    const [base, resource, namespaced] = this.#pick(RESOURCES);
    const method = this.#pick(METHODS);
    let path = this.#path(base, resource, namespaced, method) + this.#query();
    if (this.#chance(0.03)) path = this.#pick(PLAIN_PATHS);
    if (this.#chance(0.03)) path = this.#garbled(path);
    const contentType =
      method === 'PATCH' && !this.#chance(0.05) ? this.#pick(PATCH_TYPES) : this.#pick(CONTENT_TYPES);
    const body =
      method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : this.#body(method, resource, contentType);
    return { method, path, headers: this.#headers(contentType), body };
  }

  #path(base: string, resource: string, namespaced: boolean, method: string): string {
    const namespace = namespaced && !this.#chance(0.1) ? `/namespaces/${this.#pick(NAMESPACES)}` : '';
    let path = `${base}${namespace}/${resource}`;
    const collection =
      method === 'POST' ? this.#chance(0.9) : method === 'DELETE' ? this.#chance(0.05) : this.#chance(0.3);
    if (!collection) path += `/${encodeURIComponent(this.#pick(NAMES))}`;
    if (this.#chance(collection ? 0.02 : 0.15)) path += `/${this.#pick(SUBRESOURCES)}`;
    return path;
  }

  #query(): string {
    let query = '';
    while (this.#chance(0.35)) {
      const name = this.#pick(Object.keys(PARAMETERS));
      query += `${query === '' ? '?' : '&'}${name}=${encodeURIComponent(this.#wellFormed(this.#pick(PARAMETERS[name] ?? [''])))}`;
    }
    if (this.#chance(0.02)) query += `${query === '' ? '?' : '&'}watch=1&timeoutSeconds=1`;
    return query;
  }

  #headers(contentType: string): Record<string, string> {
    const headers: Record<string, string> = { 'content-type': contentType, accept: this.#pick(ACCEPTS) };
    if (this.#chance(0.05))
      headers['impersonate-user'] = this.#pick(['bob', 'system:serviceaccount:a:b', 'x'.repeat(500)]);
    if (this.#chance(0.02)) headers['impersonate-group'] = 'dev,system:masters';
    if (this.#chance(0.02)) headers['impersonate-extra-a%zz'] = 'x';
    if (this.#chance(0.03)) headers['authorization'] = this.#pick(['Bearer x.y.z', 'Bearer', 'Basic eDp5']);
    if (this.#chance(0.05))
      headers['traceparent'] = this.#pick(['00-x', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`]);
    if (this.#chance(0.05)) headers['accept-encoding'] = 'gzip';
    if (this.#chance(0.05)) headers['audit-id'] = 'x'.repeat(this.#below(200) + 1);
    if (this.#chance(0.02)) headers['origin'] = 'https://evil.example';
    if (this.#chance(0.02)) headers['if-match'] = '"x"';
    return headers;
  }

  #body(method: string, resource: string, contentType: string): Buffer {
    if (this.#chance(0.02))
      return Buffer.from(Array.from({ length: this.#below(200) }, () => this.#below(256)));
    const value =
      method === 'PATCH'
        ? this.#patch(contentType)
        : method === 'DELETE'
          ? this.#json(2)
          : this.#object(resource);
    let text = JSON.stringify(value);
    if (this.#chance(0.03)) text = text.slice(0, this.#below(text.length + 1));
    if (this.#chance(0.02)) text = this.#garbled(text);
    if (this.#chance(0.01)) text = `${'['.repeat(2000)}${text}`;
    if (this.#chance(0.01)) text = text.replace('{', '{"metadata":1,"metadata":2,');
    return Buffer.from(text);
  }

  /** A good object of the kind, most often with something else somewhere in it. */
  #object(resource: string): Json {
    const metadata = {
      name: this.#pick(NAMES.slice(0, 5)),
      labels: { a: this.#pick(['b', 'c', 'constructor']) },
    };
    const good = this.#good(resource, metadata);
    let object = good;
    while (this.#chance(0.6)) object = this.#changed(object);
    return object;
  }

  #good(resource: string, metadata: Readonly<Record<string, Json>>): Json {
    switch (resource) {
      case 'jobs':
        return jobBody({}, { metadata: { generateName: undefined, ...metadata } }) as unknown as Json;
      case 'cronjobs':
        return cronJobBody({ suspend: true }, { generateName: undefined, ...metadata }) as unknown as Json;
      case 'pods':
        return podBody({}, { generateName: undefined, ...metadata }) as unknown as Json;
      case 'configmaps':
        return { metadata, data: { a: 'b', __proto__x: 'c' } };
      case 'secrets':
        return { metadata, type: 'Opaque', data: { a: 'Yg==' }, stringData: { c: 'd' } };
      case 'services':
        return { metadata, spec: { clusterIP: 'None', ports: [{ port: 80 }], selector: { a: 'b' } } };
      case 'roles':
      case 'clusterroles':
        return { metadata, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] };
      case 'rolebindings':
        return {
          metadata,
          roleRef: { kind: 'ClusterRole', name: 'view' },
          subjects: [{ kind: 'User', name: 'u' }],
        };
      case 'priorityclasses':
        return { metadata, value: 5 };
      case 'tokenreviews':
        return { spec: { token: 'x' } };
      case 'selfsubjectaccessreviews':
        return { spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } } };
      default:
        return { metadata, spec: {} };
    }
  }

  #patch(contentType: string): Json {
    if (contentType === 'application/json-patch+json') {
      return Array.from({ length: this.#below(4) }, () => ({
        op: this.#pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x']),
        path: this.#pointer(),
        from: this.#pointer(),
        value: this.#json(3),
      }));
    }
    if (contentType === 'application/apply-patch+yaml' && this.#chance(0.7)) {
      const metadata = { name: this.#pick(NAMES.slice(0, 5)) };
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [this.#pick(WORDS)]: 'x' } };
    }
    return this.#chance(0.8)
      ? { metadata: this.#json(2), spec: this.#json(4), data: this.#json(2) }
      : this.#json(4);
  }

  #pointer(): string {
    const parts = Array.from({ length: this.#below(5) }, () =>
      this.#pick([...WORDS, '0', '-', '99', '~0', '~1', '~2']),
    );
    return parts.length === 0 ? '' : `/${parts.join('/')}`;
  }

  /** The value with one place in it taken by something made up. */
  #changed(value: Json): Json {
    if (typeof value !== 'object' || value === null || this.#chance(0.2)) return this.#json(3);
    if (Array.isArray(value)) {
      const list = value as readonly Json[];
      const at = this.#below(list.length + 1);
      return [...list.slice(0, at), this.#changed(list[at] ?? null), ...list.slice(at + 1)];
    }
    const members = Object.entries(value as { readonly [name: string]: Json });
    const at = this.#below(members.length + 1);
    const [name, member] = members[at] ?? [this.#pick(WORDS), null];
    members[Math.min(at, members.length)] = [name, this.#changed(member)];
    return Object.fromEntries(members);
  }

  #json(depth: number): Json {
    const kind = this.#below(depth > 0 ? 8 : 5);
    switch (kind) {
      case 0:
        return null;
      case 1:
        return this.#chance(0.5);
      case 2:
        return this.#pick(NUMBERS);
      case 3:
      case 4:
        return this.#pick(STRINGS);
      case 5:
        return Array.from({ length: this.#below(4) }, () => this.#json(depth - 1));
      default:
        return Object.fromEntries(
          Array.from({ length: this.#below(4) }, () => [this.#pick(WORDS), this.#json(depth - 1)] as const),
        );
    }
  }

  /** The text with a letter of it replaced, or a piece of it repeated. */
  #garbled(text: string): string {
    const at = this.#below(text.length);
    const end = at + this.#below(20);
    return this.#chance(0.5)
      ? text.slice(0, at) + text.slice(at, end).repeat(3) + text.slice(end)
      : `${text.slice(0, at)}${this.#pick(['%', '%zz', '/', '?', '&', '\\', '~', ';', '%00', '%2e%2e', '{', '"'])}${text.slice(at + 1)}`;
  }

  /** Without halves of letters, which no URL can hold. */
  #wellFormed(text: string): string {
    return text.toWellFormed();
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }

  #below(end: number): number {
    return Math.floor(this.#random.fraction() * end);
  }

  #chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }
}
