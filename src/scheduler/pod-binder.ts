import { type Client, type EventReporter, PODS } from '../client/index.ts';
import type { PodFacts } from './pod-facts.ts';
import type { VolumeBinder } from './volume-binder.ts';

/** What binding depends on, and whom it tells. */
export interface PodBinderOptions {
  readonly client: Client;
  readonly events: EventReporter;
  readonly volumes: VolumeBinder;
  /** The pod is not bound, and whatever was assumed of it has to be taken back. */
  readonly notBound: (pod: PodFacts, node: string, error: unknown) => void;
  /** One binding less is under way, however it ended. */
  readonly settled: () => void;
}

/** Binds pods to the nodes that were chosen for them, those with volumes once these are bound. */
export class PodBinder {
  readonly #options: PodBinderOptions;
  readonly #bindings = new Set<Promise<void>>();
  /** Pods that have their place and wait for their volumes, which may take minutes: other pods are bound meanwhile. */
  readonly #preparing = new Set<Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: PodBinderOptions) {
    this.#options = options;
  }

  /** How many bindings the API server has not answered yet. */
  get underWay(): number {
    return this.#bindings.size;
  }

  /** Begins to bind. Never throws: what goes wrong is told by `notBound`. */
  bind(pod: PodFacts, node: string): void {
    if (!this.#options.volumes.concerns(pod)) {
      this.#begin(pod, node);
      return;
    }
    const preparing = this.#prepare(pod, node).finally(() => this.#preparing.delete(preparing));
    this.#preparing.add(preparing);
  }

  /** Waits for no more volumes, and resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([...this.#preparing, ...this.#bindings]);
  }

  async #prepare(pod: PodFacts, node: string): Promise<void> {
    const { volumes, notBound } = this.#options;
    try {
      await volumes.bind(pod, node, this.#stopped.signal);
    } catch (error) {
      if (!this.#stopped.signal.aborted) notBound(pod, node, error);
      return;
    }
    this.#begin(pod, node);
  }

  #begin(pod: PodFacts, node: string): void {
    const binding = this.#bind(pod, node).finally(() => {
      this.#bindings.delete(binding);
      this.#options.settled();
    });
    this.#bindings.add(binding);
  }

  async #bind(pod: PodFacts, node: string): Promise<void> {
    const { client, events, notBound } = this.#options;
    const { name } = pod.pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: node };
    const metadata = { name, namespace: pod.namespace, uid: pod.uid };
    try {
      const body = { apiVersion: 'v1', kind: 'Binding', metadata, target };
      await client.createSubresource(PODS, pod.namespace, name, 'binding', body);
      const note = `Successfully assigned ${pod.key} to ${node}`;
      const about = { regarding: pod.pod, type: 'Normal', reason: 'Scheduled', action: 'Binding' } as const;
      events.report({ ...about, note });
    } catch (error) {
      notBound(pod, node, error);
    }
  }
}
