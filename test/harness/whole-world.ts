/** The real API server with every kind, in this process on virtual time, and any components on it. */
import type { Transport, UserInfo } from '../../src/apimachinery/api-request.ts';
import { VirtualClock } from '../../src/apimachinery/clock.ts';
import type { ApiObject, DeepReadonly, Draft } from '../../src/apimachinery/meta/object.ts';
import { seededRandom } from '../../src/apimachinery/random.ts';
import { isNotFound } from '../../src/apimachinery/status-error.ts';
import type { ConfigMap } from '../../src/apis/core/types.ts';
import { schemas } from '../../src/apis/openapi/index.ts';
import { ApiServer } from '../../src/apiserver/index.ts';
import {
  type Client,
  CONFIGMAPS,
  type Component,
  type ComponentContext,
  componentContext,
  newClient,
  type OwnedComponentContext,
  type Resource,
} from '../../src/client/index.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import { admission, allResources } from '../../src/registry/index.ts';
import { openMemoryStorage } from '../../src/storage/index.ts';

const ADMIN: UserInfo = { username: 'admin', groups: ['system:masters'] };

/** See the file's head. */
export class WholeWorld {
  readonly clock = new VirtualClock();
  readonly client: Client;
  /** Every kind that can be listed, watched and deleted. */
  readonly resources: readonly Resource<ApiObject>[];
  /** Every write that the components have sent, as `verb resource name`. */
  readonly writes: string[] = [];
  readonly #transport: Transport;
  readonly #context: OwnedComponentContext;
  readonly #components: Component[] = [];

  constructor(seed = 1) {
    const random = seededRandom(seed);
    const dependencies = {
      clock: this.clock,
      random,
      logs: { open: () => Promise.reject(new Error('no logs')) },
    };
    const definitions = allResources(dependencies as never);
    const server = new ApiServer({
      storage: openMemoryStorage({ frozen: true }),
      schemas,
      resources: definitions,
      admission: admission(dependencies as never),
      clock: this.clock,
      random,
      log: silent,
    });
    this.#transport = server.transport(ADMIN);
    this.client = newClient(this.#transport);
    this.resources = definitions
      .filter(
        ({ verbs }) =>
          verbs === undefined || ['list', 'watch', 'delete'].every((verb) => verbs.includes(verb)),
      )
      .map(({ group, version, resource, kind, namespaced }) => ({
        group,
        version,
        resource,
        kind,
        namespaced,
      }));
    const noted: Transport = {
      send: (request) => {
        const { verb, resource, name = '', subresource } = request;
        if (verb !== 'get' && verb !== 'list') {
          this.writes.push(
            `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`} ${name}`,
          );
        }
        return this.#transport.send(request);
      },
      watch: (request, observer) => this.#transport.watch(request, observer),
    };
    this.#context = componentContext({ client: newClient(noted), clock: this.clock, random, log: silent });
  }

  /** Starts a component and lets it do what is to do at once. */
  async start(make: (context: ComponentContext) => Component): Promise<void> {
    const component = make(this.#context);
    this.#components.push(component);
    const started = component.start();
    await this.settle();
    await started;
    await this.settle();
  }

  /** Stops everything. */
  async stop(): Promise<void> {
    for (const component of this.#components) await component.stop();
    await this.#context.stop();
  }

  /** Lets everything happen that needs less than `ms` of time. */
  async settle(ms = 200): Promise<void> {
    for (let step = 0; step < 5; step++) await this.clock.advance(ms / 5);
  }

  /** Creates namespaces. */
  async namespaces(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.create('v1', 'namespaces', 'Namespace', '', { metadata: { name } });
  }

  /** Creates a ConfigMap, the simplest of dependents. */
  configMap(
    namespace: string,
    name: string,
    metadata: Partial<ApiObject['metadata']> = {},
  ): Promise<DeepReadonly<ConfigMap>> {
    return this.client.create(CONFIGMAPS, namespace, { metadata: { name, ...metadata } });
  }

  /** Creates an object of any kind. */
  create(
    version: string,
    resource: string,
    kind: string,
    namespace: string,
    object: Draft<ApiObject>,
  ): Promise<DeepReadonly<ApiObject>> {
    const of = { group: '', version, resource, kind, namespaced: namespace !== '' };
    return this.client.create(of, namespace, object);
  }

  /** An object, or undefined when it is gone. */
  async find<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    name: string,
  ): Promise<DeepReadonly<T> | undefined> {
    try {
      return await this.client.get(of, namespace, name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

/** A reference to an owner, blocking its deletion unless told otherwise. */
export function ownedBy(
  owner: DeepReadonly<ApiObject>,
  more: { readonly blockOwnerDeletion?: boolean; readonly uid?: string; readonly name?: string } = {},
): NonNullable<ApiObject['metadata']['ownerReferences']>[number] {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, blockOwnerDeletion: true, ...more };
}
