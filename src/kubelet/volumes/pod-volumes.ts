/** The volumes of one pod on this node: made before its containers, kept current while they run, removed with the pod. */

import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Int64 } from '../../apimachinery/exact-json.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod, Volume } from '../../apis/core/types.ts';
import { ConfigError } from '../environment/config-error.ts';
import { checkHostPath } from './host-path.ts';
import { giveToGroup } from './ownership.ts';
import { isPayloadVolume, makePayload, type PayloadSources } from './payload.ts';
import { showPayload } from './payload-directory.ts';

/** Milliseconds after which a volume is made anew, to show what has changed since. Upstream's kubelet takes about as long. */
const REFRESH_MS = 60_000;

/** Why a volume could not be made; the message names it, as events of the kubelet do. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

/** See the file's head. */
export class PodVolumes {
  readonly #directory: string;
  readonly #sources: PayloadSources;
  /** Where each volume is on this machine, by name. */
  readonly paths = new Map<string, string>();
  /** Wall milliseconds at which `refresh` is due; undefined for a pod with nothing to refresh. */
  refreshAt: number | undefined;

  /** @param directory the pod's own, for its volumes alone. */
  constructor(directory: string, sources: PayloadSources) {
    this.#directory = directory;
    this.#sources = sources;
  }

  /** Makes all volumes. Throws {@link VolumeError} for the first that cannot be made; may be called again. */
  async setUp(pod: DeepReadonly<Pod>, now: number, mayMiss: (volume: string) => boolean): Promise<void> {
    this.refreshAt = undefined;
    for (const volume of pod.spec.volumes ?? []) {
      try {
        this.paths.set(volume.name, await this.#setUpOne(pod, volume, now));
      } catch (error) {
        if (mayMiss(volume.name)) {
          const path = join(this.#directory, volume.name);
          await mkdir(path, { recursive: true, mode: 0o755 });
          this.paths.set(volume.name, path);
          continue;
        }
        const why = error instanceof Error ? error.message : String(error);
        const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${why}`;
        throw new VolumeError(message, { cause: error });
      }
    }
  }

  /** Shows what has changed in ConfigMaps, Secrets, the pod's metadata and tokens; what is missing now stays as it was. */
  async refresh(pod: DeepReadonly<Pod>, now: number): Promise<void> {
    this.refreshAt = undefined;
    for (const volume of pod.spec.volumes ?? []) {
      if (!isPayloadVolume(volume)) continue;
      try {
        await this.#showPayload(pod, volume, now);
      } catch {
        this.#refreshBy(now + REFRESH_MS); // The container keeps what it has, and another try follows.
      }
    }
  }

  /** Removes them with all they hold. hostPath volumes are not the pod's own and stay. */
  async tearDown(): Promise<void> {
    this.paths.clear();
    this.refreshAt = undefined;
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #setUpOne(pod: DeepReadonly<Pod>, volume: DeepReadonly<Volume>, now: number): Promise<string> {
    if (volume.hostPath !== undefined) {
      await checkHostPath(volume.hostPath);
      return volume.hostPath.path;
    }
    if (isPayloadVolume(volume)) return this.#showPayload(pod, volume, now);
    if (volume.emptyDir !== undefined) {
      const path = join(this.#directory, volume.name);
      await mkdir(path, { recursive: true, mode: 0o777 });
      await giveAll(path, pod.spec.securityContext?.fsGroup);
      return path;
    }
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    throw new ConfigError(`volumes of kind ${kind} are not supported by this node`);
  }

  async #showPayload(pod: DeepReadonly<Pod>, volume: DeepReadonly<Volume>, now: number): Promise<string> {
    const path = join(this.#directory, volume.name);
    const { files, refreshAt = now + REFRESH_MS } = await makePayload(pod, volume, this.#sources);
    const changed = await showPayload(path, files, String(now));
    const group = pod.spec.securityContext?.fsGroup;
    if (changed && group !== undefined) await giveToGroup(path, Number(group), 'read');
    this.#refreshBy(Math.min(refreshAt, now + REFRESH_MS));
    return path;
  }

  #refreshBy(at: number): void {
    this.refreshAt = Math.min(this.refreshAt ?? at, at);
  }
}

/** An emptyDir is for every user of the pod, whatever this process's umask says. */
async function giveAll(path: string, group: Int64 | undefined): Promise<void> {
  await chmod(path, 0o777);
  if (group !== undefined) await giveToGroup(path, Number(group), 'write');
}
