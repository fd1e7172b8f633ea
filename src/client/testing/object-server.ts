/**
 * A stand-in for the API server in unit tests of rooms that may not import the real one: stores any kind, lists, watches,
 * patches, deletes and binds. It knows selectors, defaulting, validation and finalizers no more than it must; what depends
 * on these is tested against the real server.
 */
import type { ApiAnswer, ApiRequest, Transport } from '../../apimachinery/api-request.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newAlreadyExists, newConflict, newNotFound } from '../../apimachinery/status-error.ts';
import type { Watch, WatchEvent, WatchObserver } from '../../apimachinery/watch-event.ts';
import type { Binding, Pod, PodCondition } from '../../apis/core/types.ts';

type Fields = Record<string, unknown>;

/** See the file's head. Everything happens at once; watchers are told before the writer gets its answer. */
export class ObjectServer implements Transport {
  /** Every request that came, in order. */
  readonly requests: ApiRequest[] = [];
  /** Asked before each request but a watch; a returned error is the answer. */
  refuse: (request: ApiRequest) => Error | undefined = () => undefined;
  readonly #objects = new Map<string, DeepReadonly<ApiObject>>();
  readonly #watchers = new Map<string, Set<WatchObserver>>();
  #revision = 0;

  /** Every object of a resource. */
  all<T extends ApiObject>(resource: string): readonly DeepReadonly<T>[] {
    const found: unknown[] = [];
    for (const [key, object] of this.#objects) if (key.startsWith(`${resource}/`)) found.push(object);
    return found as DeepReadonly<T>[];
  }

  /** One object, which must be there. */
  one<T extends ApiObject>(resource: string, namespace: string, name: string): DeepReadonly<T> {
    const found = this.#objects.get(`${resource}/${namespace}/${name}`);
    if (found === undefined) throw newNotFound('', resource, name);
    return found as unknown as DeepReadonly<T>;
  }

  /** Stores an object as it is, new or not, and tells the watchers. */
  put(resource: string, object: ApiObject): void {
    const { name, namespace = '' } = object.metadata;
    const key = `${resource}/${namespace}/${name}`;
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED';
    const metadata = { ...object.metadata, resourceVersion: String(++this.#revision) };
    const stored = { ...object, metadata };
    this.#objects.set(key, stored);
    this.#tell(resource, { type, object: stored });
  }

  /** Removes an object and tells the watchers. */
  remove(resource: string, namespace: string, name: string): void {
    const old = this.one(resource, namespace, name);
    this.#objects.delete(`${resource}/${namespace}/${name}`);
    const metadata = { ...old.metadata, resourceVersion: String(++this.#revision) };
    this.#tell(resource, { type: 'DELETED', object: { ...old, metadata } });
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    this.requests.push(request);
    const refused = this.refuse(request);
    if (refused !== undefined) throw refused;
    return { kind: 'object', code: 200, object: this.#answer(request) };
  }

  async watch(request: ApiRequest, observer: WatchObserver): Promise<Watch> {
    const watchers = this.#watchers.get(request.resource) ?? new Set<WatchObserver>();
    this.#watchers.set(request.resource, watchers.add(observer));
    return { stop: () => void watchers.delete(observer) };
  }

  #answer(request: ApiRequest): DeepReadonly<object> {
    const { verb, resource, namespace = '', name = '', subresource, body } = request;
    switch (verb) {
      case 'list':
        return { items: this.all(resource), metadata: { resourceVersion: String(this.#revision) } };
      case 'create':
        if (subresource === 'binding') return this.#bind(namespace, name, body as Binding);
        return this.#create(resource, namespace, body as ApiObject);
      case 'update':
        this.put(resource, body as ApiObject);
        return this.one(resource, namespace, name);
      case 'patch': {
        const old = this.one(resource, namespace, name);
        this.put(resource, merged(old as unknown as Fields, body as Fields) as unknown as ApiObject);
        return this.one(resource, namespace, name);
      }
      case 'delete':
        this.remove(resource, namespace, name);
        return {};
      default:
        return this.one(resource, namespace, name);
    }
  }

  #create(resource: string, namespace: string, object: ApiObject): DeepReadonly<object> {
    const { name } = object.metadata;
    if (this.#objects.has(`${resource}/${namespace}/${name}`)) throw newAlreadyExists('', resource, name);
    const metadata = { ...object.metadata, namespace, uid: object.metadata.uid ?? `${resource}-${name}` };
    this.put(resource, { ...object, metadata });
    return this.one(resource, namespace, name);
  }

  #bind(namespace: string, name: string, { target }: Binding): DeepReadonly<object> {
    const pod = this.one<Pod>('pods', namespace, name);
    if (pod.spec.nodeName) throw newConflict('', 'pods/binding', name, `pod ${name} is already assigned`);
    const scheduled = { type: 'PodScheduled', status: 'True' };
    this.put(
      'pods',
      merged(pod as unknown as Fields, {
        spec: { nodeName: target.name },
        status: { conditions: [scheduled] },
      }) as unknown as ApiObject,
    );
    return {};
  }

  #tell(resource: string, event: WatchEvent): void {
    for (const observer of this.#watchers.get(resource) ?? []) observer.next([event]);
  }
}

/** A merge patch, but that conditions are merged by their type as a strategic merge patch does it. */
function merged(old: Fields, patch: Fields): Fields {
  const result: Fields = { ...old };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else if (field === 'conditions') {
      const news = value as PodCondition[];
      const kept = ((old[field] ?? []) as PodCondition[]).filter(
        ({ type }) => !news.some((each) => each.type === type),
      );
      result[field] = [...kept, ...news];
    } else if (typeof value === 'object' && !Array.isArray(value)) {
      result[field] = merged((old[field] ?? {}) as Fields, value as Fields);
    } else result[field] = value;
  }
  return result;
}
