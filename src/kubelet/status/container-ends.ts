/** Counts the containers that have ended, as statuses tell of them, since this process began. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { ContainerStatus, PodStatus } from '../../apis/core/types.ts';

/** So many containers have ended in the same way. */
export interface EndedContainers {
  readonly kind: 'container' | 'init_container' | 'ephemeral_container';
  readonly exitCode: number;
  readonly reason: string;
  readonly count: number;
}

type Statuses = DeepReadonly<ContainerStatus[]> | undefined;

/** See the file's head. At most one number for each way that containers have ended in. */
export class ContainerEnds {
  readonly #ways = new Map<string, EndedContainers>();

  /** Counts those that run by one status of a pod and have ended by the next, as upstream does: not those that begin again. */
  note(before: DeepReadonly<PodStatus>, after: DeepReadonly<PodStatus>): void {
    this.#compare('init_container', before.initContainerStatuses, after.initContainerStatuses);
    this.#compare('container', before.containerStatuses, after.containerStatuses);
    this.#compare('ephemeral_container', before.ephemeralContainerStatuses, after.ephemeralContainerStatuses);
  }

  /** What was counted. */
  all(): Iterable<EndedContainers> {
    return this.#ways.values();
  }

  #compare(kind: EndedContainers['kind'], before: Statuses = [], after: Statuses = []): void {
    for (const { name, state } of after) {
      const ended = state?.terminated;
      if (ended === undefined) continue;
      if (before.some((each) => each.name === name && each.state?.terminated !== undefined)) continue;
      const { exitCode, reason = '' } = ended;
      const way = `${kind} ${exitCode} ${reason}`;
      const count = (this.#ways.get(way)?.count ?? 0) + 1;
      this.#ways.set(way, { kind, exitCode, reason, count });
    }
  }
}
