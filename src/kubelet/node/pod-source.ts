/** Tells each node of its own pods, from one informer: many nodes of one process share a single list and watch. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import {
  type ComponentContext,
  type Informer,
  indexPodsByNode,
  PODS,
  PODS_BY_NODE,
} from '../../client/index.ts';

/** Who is told. Calls must return at once. */
export interface PodListener {
  observed(pod: DeepReadonly<Pod>): void;
  removed(pod: DeepReadonly<Pod>): void;
}

/** See the file's head. */
export class PodSource {
  readonly #informer: Informer<Pod>;
  readonly #listeners = new Map<string, PodListener>();

  /** @param nodeName for a source of that node's pods alone, which a node far from the server uses; absent: all pods. */
  constructor(context: ComponentContext, nodeName?: string) {
    const selection = nodeName === undefined ? {} : { fieldSelector: `spec.nodeName=${nodeName}` };
    this.#informer = context.informer(PODS, selection);
    indexPodsByNode(this.#informer);
    this.#informer.onChange({
      added: (pod) => this.#listenerOf(pod)?.observed(pod),
      updated: (pod) => this.#listenerOf(pod)?.observed(pod),
      deleted: (pod) => this.#listenerOf(pod)?.removed(pod),
    });
  }

  /** Resolves when all pods that are there now are known. */
  start(): Promise<void> {
    return this.#informer.start();
  }

  /** Tells the listener of every change of that node's pods until {@link leave}; answers those that are there. */
  listen(nodeName: string, listener: PodListener): readonly DeepReadonly<Pod>[] {
    this.#listeners.set(nodeName, listener);
    return this.#informer.lister.byIndex(PODS_BY_NODE, nodeName);
  }

  /** The pod of that name, if it is known here. */
  find(namespace: string, name: string): DeepReadonly<Pod> | undefined {
    return this.#informer.lister.get(namespace, name);
  }

  /** All pods of that node. */
  of(nodeName: string): readonly DeepReadonly<Pod>[] {
    return this.#informer.lister.byIndex(PODS_BY_NODE, nodeName);
  }

  /** Tells the listener of that node nothing any more. */
  leave(nodeName: string): void {
    this.#listeners.delete(nodeName);
  }

  #listenerOf({ spec }: DeepReadonly<Pod>): PodListener | undefined {
    return spec.nodeName ? this.#listeners.get(spec.nodeName) : undefined;
  }
}
