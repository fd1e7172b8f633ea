/**
 * The workers of a node's pods: each pod that is bound to the node gets one, which is told what happens to the pod, until
 * nothing of the pod is left.
 */
import { rm } from 'node:fs/promises';
import { invariant } from '../apimachinery/invariant.ts';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { isPodTerminal } from '../apis/core/index.ts';
import type { Pod, PodSpec } from '../apis/core/types.ts';
import type { FoundPods } from './housekeeping/found-pods.ts';
import type { NodeServices } from './pod/node-services.ts';
import { PodWorker } from './pod/pod-worker.ts';
import { quietly } from './quietly.ts';
import type { RuntimeEvent } from './runtimes/runtime.ts';
import { unmountAll } from './volumes/mounter.ts';

/** See the file's head. */
export class PodWorkers {
  readonly #found: FoundPods;
  readonly #workers = new Map<string, PodWorker>();
  #services: NodeServices | undefined;

  /** @param found what the runtime has from before, which the workers of those pods take up. */
  constructor(found: FoundPods) {
    this.#found = found;
  }

  /** With these, workers can be made: before it no pod may be observed. */
  equip(services: NodeServices): void {
    this.#services = services;
  }

  /** The worker of the pod with that uid, while it has one. */
  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  /** Whether somebody looks after the pod with that uid. */
  has(uid: string): boolean {
    return this.#workers.has(uid);
  }

  /** Every worker. */
  values(): Iterable<PodWorker> {
    return this.#workers.values();
  }

  /** A pod is bound to this node, or a newer version of it is there. */
  observed(pod: DeepReadonly<Pod>): void {
    const { uid } = pod.metadata;
    const worker = this.#workers.get(uid);
    if (worker !== undefined) {
      worker.observe(pod);
      return;
    }
    const services = this.#equipment();
    const found = this.#found.of(uid);
    // A pod that ended and left nothing behind needs nobody to look after it, unless somebody waits for its node to let it go.
    const isAwaited = Number(pod.metadata.deletionGracePeriodSeconds ?? 0) > 0;
    if (isPodTerminal(pod) && found === undefined && !isAwaited) return;
    this.#found.taken(uid);
    const { lasting } = services.runtime.traits;
    const adopted = lasting ? (found ?? { sandboxes: [], containers: [] }) : undefined;
    const made = new PodWorker(services, pod, adopted);
    this.#workers.set(uid, made);
    made.wake();
  }

  /** A pod of this node is gone from the API: its logs go too. */
  removed(pod: DeepReadonly<Pod>): void {
    const { runtime, directories, log } = this.#equipment();
    const { name, namespace = '', uid } = pod.metadata;
    this.#workers.get(uid)?.remove();
    if (!runtime.traits.files) return;
    const logs = directories.logsOf({ name, namespace, uid });
    quietly(rm(logs, { recursive: true, force: true, maxRetries: 3 }), log, 'logs of a removed pod');
  }

  /** A container of one of the pods has ended. */
  exited(event: RuntimeEvent): void {
    this.#workers.get(event.podUid)?.exited(event);
  }

  /** Nothing is left of that pod here. Its room may be what another pod waits for. */
  left(uid: string): void {
    this.#workers.delete(uid);
    for (const worker of this.#workers.values()) if (worker.waitsForRoom) worker.wake();
  }

  /** What the pods that take room were granted, but for the one with that uid. */
  grantedBeside(uid: string): readonly DeepReadonly<PodSpec>[] {
    const others = [...this.#workers.values()].filter((worker) => worker.takesRoom && worker.uid !== uid);
    return others.map(({ granted }) => granted);
  }

  /** Leaves all pods as they are. Resolves when the steps in hand have ended. */
  async detach(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.detach()));
  }

  /** Ends what runs of pods whose workers have been detached. */
  async killAll(): Promise<void> {
    if (this.#services === undefined) return;
    const { runtime, groups, log, directories } = this.#services;
    const sandboxes = [...this.#workers.values()].flatMap(({ view, uid }) =>
      view.sandbox === undefined ? [] : [{ id: view.sandbox.id, uid }],
    );
    await Promise.all(
      sandboxes.map(async ({ id, uid }) => {
        try {
          await runtime.stopPodSandbox(id);
          await runtime.removePodSandbox(id);
          await groups?.removeUnknown(uid);
        } catch (error) {
          log.warn({ sandbox: id, error }, 'a sandbox could not be removed at the end');
        }
      }),
    );
    // Whoever ends pods with their node may remove its directory next.
    if (!runtime.traits.files) return;
    await unmountAll(directories.files);
    await unmountAll(directories.memory);
  }

  #equipment(): NodeServices {
    invariant(this.#services, 'pods are observed before their workers can be made');
    return this.#services;
  }
}
