import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound, reasonOf } from '../../apimachinery/status-error.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { type Client, PODS, type Resource } from '../../client/index.ts';
import type { Remaining } from './remaining.ts';

/** Seconds that finalizers are given before one looks again, where nothing better is known (as upstream). */
const FINALIZER_SECONDS = 15;

/** What deleting a namespace's content came to. */
export interface Emptied extends Remaining {
  /** Whether pods are left, so that nothing else has been touched yet. */
  readonly podsFirst: boolean;
  /** Seconds after which what is left should be gone; 0 when nothing is left or nothing explains why it is. */
  readonly estimateSeconds: number;
}

/** Tells everything in a namespace to go: pods, and once these are gone all the rest. */
export class ContentDeleter {
  readonly #client: Client;
  readonly #others: readonly Resource<ApiObject>[];

  /** @param resources every kind that lives in namespaces and can be deleted. */
  constructor(client: Client, resources: readonly Resource<ApiObject>[]) {
    this.#client = client;
    this.#others = resources.filter(
      ({ group, resource }) => group !== PODS.group || resource !== PODS.resource,
    );
  }

  /** @param elapsedSeconds how long the namespace has been going. */
  async empty(namespace: string, elapsedSeconds: number): Promise<Emptied> {
    const tally = new Tally();
    const graceSeconds = await this.#podGrace(namespace);
    const allowedSeconds = elapsedSeconds >= graceSeconds ? 0 : graceSeconds;
    await this.#deleteAll(PODS, namespace, allowedSeconds, tally);
    const podsFirst = tally.objects.size > 0;
    if (!podsFirst) {
      await Promise.all(this.#others.map((resource) => this.#deleteAll(resource, namespace, 0, tally)));
    }
    const { objects, finalizers, failures, estimateSeconds } = tally;
    return { objects, finalizers, failures, estimateSeconds, podsFirst };
  }

  async #deleteAll<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    allowedSeconds: number,
    tally: Tally,
  ): Promise<void> {
    try {
      // Most kinds have nothing in most namespaces; looking is cheaper than deleting nothing.
      if ((await this.#list(of, namespace, 1)).length === 0) return;
      await this.#client.deleteCollection(of, { namespace }, { propagationPolicy: 'Background' });
      const left = await this.#list(of, namespace);
      if (left.length > 0) tally.count(of, left, allowedSeconds, namespace);
    } catch (error) {
      if (isNotFound(error) || reasonOf(error) === 'MethodNotAllowed') return;
      const why = messageOf(error);
      tally.failures.push(
        of.resource === 'pods' ? `failed to delete pods for namespace: ${namespace}, err: ${why}` : why,
      );
    }
  }

  async #list<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    limit?: number,
  ): Promise<readonly DeepReadonly<ApiObject>[]> {
    const list = await this.#client.list(of, { namespace }, limit === undefined ? {} : { limit });
    return list.items as readonly DeepReadonly<ApiObject>[];
  }

  /** The longest grace period of the pods that still run, in seconds. */
  async #podGrace(namespace: string): Promise<number> {
    const { items } = await this.#client.list(PODS, { namespace });
    return items.reduce((most, pod) => Math.max(most, graceOf(pod)), 0);
  }
}

function graceOf(pod: DeepReadonly<Pod>): number {
  return isPodTerminal(pod) ? 0 : Number(pod.spec.terminationGracePeriodSeconds ?? 0);
}

/** Adds up what is left. */
class Tally {
  readonly objects = new Map<string, number>();
  readonly finalizers = new Map<string, number>();
  readonly failures: string[] = [];
  estimateSeconds = 0;

  count<T extends ApiObject>(
    of: Resource<T>,
    left: readonly DeepReadonly<ApiObject>[],
    allowedSeconds: number,
    namespace: string,
  ): void {
    this.objects.set(`${of.resource}.${of.group}`, left.length);
    let held = false;
    for (const { metadata } of left) {
      for (const finalizer of metadata.finalizers ?? []) {
        held = true;
        this.finalizers.set(finalizer, (this.finalizers.get(finalizer) ?? 0) + 1);
      }
    }
    const estimate = allowedSeconds > 0 ? allowedSeconds : held ? FINALIZER_SECONDS : 0;
    this.estimateSeconds = Math.max(this.estimateSeconds, estimate);
    if (estimate > 0) return;
    const gvr = `${of.group}/${of.version}, Resource=${of.resource}`;
    this.failures.push(`unexpected items still remain in namespace: ${namespace} for gvr: ${gvr}`);
  }
}
