import { type Clock, rfc3339 } from '../../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { Namespace } from '../../apis/core/types.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  NAMESPACES,
  newController,
  newWorkqueue,
  type Reconciler,
  type Resource,
} from '../../client/index.ts';
import { ContentDeleter } from './content.ts';
import { conditionsFor } from './remaining.ts';

/** Namespaces emptied at the same time (upstream's ConcurrentNamespaceSyncs). */
const WORKERS = 10;
/** Delays of a namespace that cannot be emptied: looked at again every minute at least, as upstream. */
const RETRY = { maxMs: 60_000 };
/** Milliseconds from an object's end to the next look at its namespace, so that many ends cause few looks. */
const GATHER_MS = 50;
/** What this controller holds a namespace by. */
const FINALIZER = 'kubernetes';

/**
 * The namespace controller as a component. Upstream waits five seconds before it begins, for API servers and etcd members
 * that are behind; a store that all writers share is never behind, so this one begins at once.
 *
 * @param resources every kind that the server serves; cluster-scoped ones are left out here.
 */
export function newNamespaceController(
  context: ComponentContext,
  resources: readonly Resource<ApiObject>[],
): Component {
  const { client, clock, log, metrics } = context;
  const namespaced = resources.filter((each) => each.namespaced);
  const namespaces = context.informer(NAMESPACES);
  const queue = newWorkqueue({ name: 'namespace', clock, retry: RETRY, metrics });
  const changed = (namespace: DeepReadonly<Namespace>): void => {
    if (namespace.metadata.deletionTimestamp !== undefined) queue.add(namespace.metadata.name);
  };
  namespaces.onChange({ added: changed, updated: changed });
  // Events are many, and never what a namespace waits for.
  const awaited = namespaced
    .filter(({ resource }) => resource !== 'events')
    .map((each) => context.informer(each));
  for (const informer of awaited) {
    informer.onChange({
      deleted({ metadata: { namespace = '' } }) {
        const going = namespaces.lister.get('', namespace)?.metadata.deletionTimestamp !== undefined;
        if (going) queue.addAfter(namespace, GATHER_MS);
      },
    });
  }
  return newController({
    name: 'namespace-controller',
    reconciler: new NamespaceReconciler(client, clock, new ContentDeleter(client, namespaced)),
    queue,
    log,
    informers: [namespaces, ...awaited],
    workers: WORKERS,
  });
}

/** Empties one namespace, says how far it got, and lets it go once it is empty. */
class NamespaceReconciler implements Reconciler {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #content: ContentDeleter;

  constructor(client: Client, clock: Clock, content: ContentDeleter) {
    this.#client = client;
    this.#clock = clock;
    this.#content = content;
  }

  async sync(name: string): Promise<number | undefined> {
    try {
      return await this.#sync(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #sync(name: string): Promise<number | undefined> {
    let namespace = await this.#client.get(NAMESPACES, '', name);
    const { deletionTimestamp } = namespace.metadata;
    if (deletionTimestamp === undefined) return undefined;
    if (namespace.status?.phase !== 'Terminating') {
      const status = { ...namespace.status, phase: 'Terminating' as const };
      namespace = await this.#client.updateStatus(NAMESPACES, { ...namespace, status });
    }
    if (!namespace.spec?.finalizers?.length) return undefined;
    const elapsedSeconds = (this.#clock.now() - Date.parse(deletionTimestamp)) / 1000;
    const emptied = await this.#content.empty(name, elapsedSeconds);
    const stored = namespace.status?.conditions ?? [];
    const now = rfc3339(this.#clock.now());
    const conditions = conditionsFor(stored, emptied, emptied.podsFirst, now);
    if (conditions !== undefined) {
      const status = { ...namespace.status, conditions };
      namespace = await this.#client.updateStatus(NAMESPACES, { ...namespace, status });
    }
    if (emptied.failures.length > 0) throw new Error(emptied.failures.join('; '));
    // Half the estimate, as upstream; an object's end brings the namespace back earlier.
    if (emptied.estimateSeconds > 0) return (Math.floor(emptied.estimateSeconds / 2) + 1) * 1000;
    await this.#finalize(namespace);
    return undefined;
  }

  async #finalize(namespace: DeepReadonly<Namespace>): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((each) => each !== FINALIZER);
    await this.#client.transport.send({
      verb: 'update',
      group: NAMESPACES.group,
      version: NAMESPACES.version,
      resource: NAMESPACES.resource,
      name: namespace.metadata.name,
      subresource: 'finalize',
      body: { ...namespace, spec: { ...namespace.spec, finalizers } },
    });
  }
}
