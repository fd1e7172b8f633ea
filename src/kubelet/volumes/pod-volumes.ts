/** The volumes of one pod on this node: made before its containers, kept current while they run, removed with the pod. */

import { existsSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import type { EmptyDirVolumeSource, ImageVolumeSource, Pod, Volume } from '../../apis/core/types.ts';
import type { Client } from '../../client/index.ts';
import { ConfigError } from '../environment/config-error.ts';
import { systemErrorText } from '../system-error.ts';
import { claimedDirectory } from './claimed.ts';
import { checkHostPath } from './host-path.ts';
import { isHugePageMedium, pageSizeOf } from './huge-page-medium.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { mountHugePages, mountTmpfs, unmountAll } from './mounter.ts';
import { giveToGroup, isGivenToGroup } from './ownership.ts';
import { holdsSecrets, isOfMemory, isPayloadVolume, makePayload, type PayloadSources } from './payload.ts';
import { showPayload } from './payload-directory.ts';

/** Why a volume could not be made; the message names it, as events of the kubelet do. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

/** What volumes are made with. */
export interface VolumeSurroundings {
  /** The pod's own, for its volumes alone. */
  readonly directory: string;
  /** Where those are that are kept in memory. */
  readonly memory: MemoryDisk;
  readonly sources: PayloadSources;
  readonly client: Client;
  /** Milliseconds after which a volume is made anew, to show what has changed since. */
  readonly syncMs: number;
  /** Bytes of memory that a pod may use: the size of a memory volume that sets no limit. */
  readonly memoryBytes: number;
  /** Whether tokens and fields of the pod are kept in memory, as Secrets are. */
  readonly allInMemory: boolean;
  /** Whether containers see what is mounted at a volume; otherwise one that is a file system of its own is refused. */
  readonly mountsAreSeen: boolean;
}

/** See the file's head. */
export class PodVolumes {
  readonly #around: VolumeSurroundings;
  /** Where each volume is on this machine, by name. */
  readonly paths = new Map<string, string>();
  /** Names of the volumes that containers may only read, whatever their mounts say. */
  readonly readonly = new Set<string>();
  /** Volumes that are images, which the runtime mounts by itself, by name. */
  readonly images = new Map<string, DeepReadonly<ImageVolumeSource>>();
  /** Wall milliseconds at which `refresh` is due; undefined for a pod with nothing to refresh. */
  refreshAt: number | undefined;

  constructor(around: VolumeSurroundings) {
    this.#around = around;
  }

  /** Makes all volumes. Throws {@link VolumeError} for the first that cannot be made; may be called again. */
  async setUp(pod: DeepReadonly<Pod>, now: number, mayMiss: (volume: string) => boolean): Promise<void> {
    this.refreshAt = undefined;
    for (const volume of pod.spec.volumes ?? []) {
      try {
        this.paths.set(volume.name, await this.#setUpOne(pod, volume, now));
      } catch (error) {
        if (mayMiss(volume.name)) {
          const path = join(this.#around.directory, volume.name);
          await mkdir(path, { recursive: true, mode: 0o755 });
          this.paths.set(volume.name, path);
          continue;
        }
        const why = systemErrorText(error);
        const { name } = volume;
        const message =
          claimOf(pod, volume) !== undefined && why.startsWith('error processing PVC')
            ? `Unable to attach or mount volumes: unmounted volumes=[${name}], unattached volumes=[], failed to process volumes=[${name}]: ${why}`
            : `MountVolume.SetUp failed for volume "${name}" : ${why}`;
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
        this.#refreshBy(now + this.#around.syncMs); // The container keeps what it has, and another try follows.
      }
    }
  }

  /** Removes them with all they hold. hostPath volumes are not the pod's own and stay. */
  async tearDown({ metadata }: DeepReadonly<Pod>): Promise<void> {
    this.paths.clear();
    this.refreshAt = undefined;
    await unmountAll(this.#around.directory);
    await rm(this.#around.directory, { recursive: true, force: true });
    await this.#around.memory.remove(metadata.uid);
  }

  async #setUpOne(pod: DeepReadonly<Pod>, volume: DeepReadonly<Volume>, now: number): Promise<string> {
    if (volume.hostPath !== undefined) {
      await checkHostPath(volume.hostPath);
      return volume.hostPath.path;
    }
    if (isPayloadVolume(volume)) {
      this.readonly.add(volume.name);
      return this.#showPayload(pod, volume, now);
    }
    if (volume.emptyDir !== undefined) return this.#makeEmpty(pod, volume.name, volume.emptyDir);
    const claimName = claimOf(pod, volume);
    if (claimName !== undefined) {
      const { client } = this.#around;
      const { path, managed } = await claimedDirectory(client, pod.metadata.namespace ?? '', claimName);
      if (volume.persistentVolumeClaim?.readOnly) this.readonly.add(volume.name);
      if (managed) await giveToPod(path, pod, 'write');
      return path;
    }
    if (volume.image !== undefined) {
      this.images.set(volume.name, volume.image);
      this.readonly.add(volume.name);
      return '';
    }
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    throw new ConfigError(`volumes of kind ${kind} are not supported by this node`);
  }

  async #makeEmpty(
    pod: DeepReadonly<Pod>,
    name: string,
    { medium = '', sizeLimit }: DeepReadonly<EmptyDirVolumeSource>,
  ): Promise<string> {
    const path = join(this.#around.directory, name);
    await mkdir(path, { recursive: true, mode: 0o777 });
    if (medium === 'Memory') {
      demandRoot('an emptyDir in memory');
      this.#demandMounts('an emptyDir in memory');
      const limit = sizeLimit === undefined ? 0 : parseQuantity(sizeLimit).value();
      const { memoryBytes } = this.#around;
      await mountTmpfs(path, limit === 0 ? memoryBytes : Math.min(limit, memoryBytes));
    } else if (isHugePageMedium(medium)) {
      demandRoot('an emptyDir of huge pages');
      await mountHugePages(path, pageSizeOf(medium, pod.spec));
    } else if (medium !== '') throw new ConfigError(`unknown storage medium "${medium}"`);
    // An emptyDir is for every user of the pod, whatever this process's umask says.
    // In memory it keeps the sticky bit of a fresh tmpfs, as the kubelet leaves it.
    await chmod(path, medium === 'Memory' ? 0o1777 : 0o777);
    await giveToPod(path, pod, 'write');
    return path;
  }

  async #showPayload(pod: DeepReadonly<Pod>, volume: DeepReadonly<Volume>, now: number): Promise<string> {
    const { directory, sources, syncMs } = this.#around;
    const inMemory = this.#around.allInMemory ? isOfMemory : holdsSecrets;
    const path = inMemory(volume)
      ? await this.#placeInMemory(pod, volume.name)
      : join(directory, volume.name);
    const { files, refreshAt = now + syncMs } = await makePayload(pod, volume, sources);
    const changed = await showPayload(path, files, String(now));
    const group = pod.spec.securityContext?.fsGroup;
    if (changed && group !== undefined) await giveToGroup(path, Number(group), 'read');
    this.#refreshBy(Math.min(refreshAt, now + syncMs));
    return path;
  }

  /** Containers would find an empty directory, without the limit that the volume was to have. */
  #demandMounts(what: string): void {
    if (this.#around.mountsAreSeen) return;
    const why = 'the container runtime does not see what longshore mounts';
    throw new ConfigError(
      `${what} cannot be had: ${why} (share its data directory with propagation rshared)`,
    );
  }

  /** What is in memory never comes to a disk, as in Kubernetes, where there can be such a place. */
  async #placeInMemory({ metadata: { uid } }: DeepReadonly<Pod>, volume: string): Promise<string> {
    const { directory, memory } = this.#around;
    const onDisk = join(directory, volume);
    const inMemory = await memory.placeOf(uid);
    // Containers that were started when there was none look at their files where they are.
    if (inMemory === undefined || existsSync(onDisk)) return onDisk;
    return join(inMemory, volume);
  }

  #refreshBy(at: number): void {
    this.refreshAt = Math.min(this.refreshAt ?? at, at);
  }
}

/** The claim behind a volume: the one that it names, or the one that was made for it alone. */
function claimOf(
  { metadata }: DeepReadonly<Pod>,
  { name, persistentVolumeClaim, ephemeral }: DeepReadonly<Volume>,
): string | undefined {
  return (
    persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${metadata.name}-${name}`)
  );
}

/** The pod's group gets the volume, unless it has it already and the pod is content with that. */
async function giveToPod(path: string, pod: DeepReadonly<Pod>, access: 'read' | 'write'): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
  if (fsGroup === undefined) return;
  if (fsGroupChangePolicy === 'OnRootMismatch' && (await isGivenToGroup(path, Number(fsGroup), access)))
    return;
  const isOwn = process.getgroups?.().includes(Number(fsGroup)) === true;
  if (!isOwn) demandRoot(`a volume of group ${fsGroup} (securityContext.fsGroup)`);
  await giveToGroup(path, Number(fsGroup), access);
}

/** What only root may do is refused in words that say so, rather than in those of the program or call that fails. */
function demandRoot(what: string): void {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) throw new ConfigError(`${what} needs root, and longshore runs as user ${uid}`);
}
