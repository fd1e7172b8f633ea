/** What a runtime still has of pods from before this node agent's start: kept for their workers, or cleared away. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { ComponentContext } from '../../client/index.ts';
import type { PodGroups } from '../cgroups/index.ts';
import type { Allocation, DeviceAllocator } from '../devices/index.ts';
import type { FoundPod } from '../pod/container-runs.ts';
import type { PodDirectories } from '../pod-directories.ts';
import type { ContainerStatus } from '../runtimes/container.ts';
import { CONTAINER_NAME_LABEL, DEVICES_ANNOTATION, POD_UID_LABEL } from '../runtimes/labels.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { unmountAll } from '../volumes/mounter.ts';

/** Pods that are known by their uids. */
interface Uids {
  readonly has: (uid: string) => boolean;
}

/** See the file's head. */
export class FoundPods {
  readonly #runtime: Runtime;
  readonly #devices: DeviceAllocator;
  readonly #directories: PodDirectories;
  readonly #log: ComponentContext['log'];
  #found = new Map<string, FoundPod>();

  constructor(
    runtime: Runtime,
    devices: DeviceAllocator,
    directories: PodDirectories,
    log: ComponentContext['log'],
  ) {
    this.#runtime = runtime;
    this.#devices = devices;
    this.#directories = directories;
    this.#log = log;
  }

  /** Asks the runtime for everything that it has from before. */
  async find(): Promise<void> {
    const runtime = this.#runtime;
    if (!runtime.traits.lasting) return;
    const [sandboxes, containers] = await Promise.all([runtime.listPodSandboxes(), runtime.listContainers()]);
    const found = new Map<
      string,
      { sandboxes: FoundPod['sandboxes'][number][]; containers: FoundPod['containers'][number][] }
    >();
    const of = (uid: string) => {
      const known = found.get(uid) ?? { sandboxes: [], containers: [] };
      found.set(uid, known);
      return known;
    };
    for (const { id, labels } of sandboxes) {
      const uid = labels[POD_UID_LABEL];
      if (uid !== undefined) of(uid).sandboxes.push(await runtime.podSandboxStatus(id));
    }
    for (const { id, labels } of containers) {
      const uid = labels[POD_UID_LABEL];
      if (uid === undefined) continue;
      const status = await runtime.containerStatus(id);
      of(uid).containers.push(status);
      this.#adoptDevices(uid, status);
    }
    this.#found = found;
  }

  /** What was found of that pod and not yet taken. */
  of(uid: string): FoundPod | undefined {
    return this.#found.get(uid);
  }

  /** A worker looks after that pod from now on. */
  taken(uid: string): void {
    this.#found.delete(uid);
  }

  /** Ends and removes what nobody took, for it is of pods that are not this node's any more, and their files. */
  async clearOrphans(
    present: readonly DeepReadonly<Pod>[],
    lookedAfter: Uids,
    groups: PodGroups | undefined,
  ): Promise<void> {
    const runtime = this.#runtime;
    for (const [uid, { sandboxes }] of this.#found) {
      for (const { id } of sandboxes) {
        this.#log.info({ uid, sandbox: id }, 'removing a sandbox whose pod is gone');
        await runtime.stopPodSandbox(id);
        await runtime.removePodSandbox(id);
      }
      this.#devices.release(uid);
    }
    this.#found.clear();
    for (const uid of (await groups?.uids()) ?? []) {
      if (!lookedAfter.has(uid)) await groups?.removeUnknown(uid);
    }
    if (!runtime.traits.files) return;
    const logged = new Set(present.map(({ metadata }) => metadata.uid));
    await removeOthers(this.#directories.logs, logged);
    // Of a pod that has ended nothing but its logs is kept, and a worker looks after any other.
    await removeOthers(this.#directories.files, lookedAfter);
    await removeOthers(this.#directories.memory, lookedAfter);
  }

  /** A container that runs keeps its devices. One that ended may be of a pod that goes on, and gets them again. */
  #adoptDevices(uid: string, { labels, annotations }: ContainerStatus): void {
    const text = annotations[DEVICES_ANNOTATION];
    if (text === undefined) return;
    const devices = JSON.parse(text) as Allocation;
    this.#devices.adopt(uid, labels[CONTAINER_NAME_LABEL] ?? '', devices, false);
  }
}

/** Removes what bears none of those uids at the end of its name. */
async function removeOthers(directory: string, uids: Uids): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (uids.has(name.slice(name.lastIndexOf('_') + 1))) continue;
    await unmountAll(join(directory, name));
    await rm(join(directory, name), { recursive: true, force: true });
  }
}
