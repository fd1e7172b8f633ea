/**
 * Sees to it that the claims of a pod are bound before the pod is: those that waited for its place get a free volume that
 * the node reaches, or the name of the node for their provisioner. Upstream: plugins/volumebinding, PreBind.
 */
import type { Clock } from '../apimachinery/clock.ts';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER, SELECTED_NODE } from '../apis/core/index.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../apis/core/types.ts';
import { type Client, type Informer, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES } from '../client/index.ts';
import type { ClusterState } from './cluster-state.ts';
import { volumesOn, waitingClaims } from './filters/index.ts';
import type { PodFacts } from './pod-facts.ts';

type Claim = DeepReadonly<PersistentVolumeClaim>;
type AnyVolume = DeepReadonly<PersistentVolume>;

/** Milliseconds that volumes may take to come; upstream's own bound. */
const BIND_TIMEOUT_MS = 600_000;

interface Waiter {
  readonly check: () => void;
}

/** See the file's head. */
export class VolumeBinder {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #cluster: ClusterState;
  readonly #claims: Informer<PersistentVolumeClaim>;
  /** Pods whose claims are being bound: at most as many as there are pods that wait. */
  readonly #waiters = new Set<Waiter>();

  constructor(client: Client, clock: Clock, cluster: ClusterState, claims: Informer<PersistentVolumeClaim>) {
    this.#client = client;
    this.#clock = clock;
    this.#cluster = cluster;
    this.#claims = claims;
    const look = (): void => {
      for (const { check } of this.#waiters) check();
    };
    claims.onChange({ updated: look, deleted: look });
  }

  /** Whether the pod has claims that wait for its place. */
  concerns(pod: PodFacts): boolean {
    return waitingClaims(pod, this.#cluster).length > 0;
  }

  /** Resolves when all claims of the pod are bound; rejects when one cannot be, or takes too long, or on `signal`. */
  async bind(pod: PodFacts, nodeName: string, signal: AbortSignal): Promise<void> {
    const claims = waitingClaims(pod, this.#cluster);
    const node = this.#cluster.node(nodeName);
    const chosen = node === undefined ? undefined : volumesOn(node, claims, this.#cluster);
    if (chosen === undefined) throw new Error(`no pod volume found for node ${JSON.stringify(nodeName)}`);
    for (const [claim, volume] of chosen) {
      if (volume === undefined) await this.#selectNode(claim, nodeName);
      else await this.#reserve(claim, volume);
    }
    await this.#bound(claims, nodeName, signal);
  }

  async #selectNode(claim: Claim, node: string): Promise<void> {
    const { annotations, namespace = '', name, uid } = claim.metadata;
    if (annotations?.[SELECTED_NODE] === node) return;
    const patch = { metadata: { uid, annotations: { [SELECTED_NODE]: node } } };
    await this.#client.patch(PERSISTENTVOLUMECLAIMS, namespace, name, 'application/merge-patch+json', patch);
  }

  async #reserve(claim: Claim, volume: AnyVolume): Promise<void> {
    if (volume.spec.claimRef?.uid === claim.metadata.uid) return;
    const { namespace = '', name, uid, resourceVersion } = claim.metadata;
    const annotations = { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
    const kind = 'PersistentVolumeClaim';
    const claimRef = { kind, namespace, name, uid, apiVersion: 'v1', resourceVersion };
    // It carries the resourceVersion, so that a volume which somebody else has taken meanwhile is refused.
    await this.#client.update(PERSISTENTVOLUMES, {
      ...volume,
      metadata: { ...volume.metadata, annotations },
      spec: { ...volume.spec, claimRef },
    });
  }

  #bound(claims: readonly Claim[], node: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        this.#waiters.delete(waiter);
        timer.cancel();
        signal.removeEventListener('abort', aborted);
        end();
      };
      const fail = (why: string): void => settle(() => reject(new Error(why)));
      const aborted = (): void => fail('the scheduler stops');
      const check = (): void => {
        const states = claims.map((claim) => this.#stateOf(claim, node));
        const wrong = states.find((state) => typeof state === 'string');
        if (wrong !== undefined) fail(wrong);
        else if (states.every((state) => state === true)) settle(resolve);
      };
      const waiter: Waiter = { check };
      const late = (): void => fail('binding volumes: context deadline exceeded');
      const timer = this.#clock.after(BIND_TIMEOUT_MS, late, { background: true });
      this.#waiters.add(waiter);
      signal.addEventListener('abort', aborted);
      if (signal.aborted) aborted();
      else check();
    });
  }

  /** Whether the claim is bound, or why it will not be. */
  #stateOf({ metadata: { namespace = '', name, uid } }: Claim, node: string): boolean | string {
    const claim = this.#claims.lister.get(namespace, name);
    if (claim === undefined || claim.metadata.uid !== uid) {
      return `persistentvolumeclaim ${JSON.stringify(name)} not found`;
    }
    const annotations = claim.metadata.annotations ?? {};
    if (claim.spec.volumeName && annotations[BIND_COMPLETED] !== undefined) return true;
    const selected = annotations[SELECTED_NODE];
    return selected !== undefined && selected !== node
      ? `selectedNode annotation value ${JSON.stringify(selected)} not set to scheduled node ${JSON.stringify(node)}`
      : false;
  }
}
