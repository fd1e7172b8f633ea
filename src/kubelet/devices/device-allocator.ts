/** Gives the node's devices to containers: each to one pod at a time, and to the same container again when it restarts. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import type { Container } from '../../apis/core/types.ts';
import { ConfigError } from '../environment/config-error.ts';
import type { ExtendedResource } from './device-list.ts';

/** Devices by resource. */
export type Allocation = Readonly<Record<string, readonly string[]>>;

interface Holding {
  /** Whether the container ends before the pod's others begin, so that they may have its devices after it. */
  readonly passing: boolean;
  readonly devices: Allocation;
}

/** See the file's head. */
export class DeviceAllocator {
  readonly #resources: readonly ExtendedResource[];
  /** By pod, then by container. */
  readonly #pods = new Map<string, Map<string, Holding>>();

  constructor(resources: readonly ExtendedResource[]) {
    this.#resources = resources;
  }

  /** Units of each resource. */
  get capacity(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#resources.map(({ name, devices }) => [name, String(devices.length)]));
  }

  /**
   * The devices of a container; empty when it asks for none.
   *
   * @param passing whether it is an init container that ends before the next begins.
   * @throws {ConfigError} when others hold too many, which the scheduler does not let happen.
   */
  allocate(uid: string, { name, resources }: DeepReadonly<Container>, passing: boolean): Allocation {
    const held = this.#pods.get(uid)?.get(name);
    if (held !== undefined) return held.devices;
    const given: Record<string, string[]> = {};
    for (const resource of this.#resources) {
      const amount = resources?.limits?.[resource.name];
      const count = amount === undefined ? 0 : parseQuantity(amount).value();
      if (count > 0) given[resource.name] = this.#choose(uid, resource, count);
    }
    if (Object.keys(given).length > 0) this.adopt(uid, name, given, passing);
    return given;
  }

  /** Notes what a container has that ran before this process began. */
  adopt(uid: string, container: string, devices: Allocation, passing: boolean): void {
    const pod = this.#pods.get(uid) ?? new Map<string, Holding>();
    pod.set(container, { passing, devices });
    this.#pods.set(uid, pod);
  }

  /** Nothing of the pod is left. */
  release(uid: string): void {
    this.#pods.delete(uid);
  }

  #choose(uid: string, { name, devices }: ExtendedResource, count: number): string[] {
    const taken = new Set<string>();
    const inherited = new Set<string>();
    for (const [owner, containers] of this.#pods) {
      for (const { passing, devices: held } of containers.values()) {
        for (const device of held[name] ?? []) (owner === uid && passing ? inherited : taken).add(device);
      }
    }
    const free = devices.filter((device) => !taken.has(device));
    // What the pod's own init containers had comes first, so that a pod never holds more than it needs at one time.
    const chosen = free
      .toSorted((a, b) => Number(inherited.has(b)) - Number(inherited.has(a)))
      .slice(0, count);
    if (chosen.length === count) return chosen;
    const what = `requested number of devices unavailable for ${name}. Requested: ${count}, Available: ${free.length}`;
    throw new ConfigError(`Allocate failed due to ${what}, which is unexpected`);
  }
}
