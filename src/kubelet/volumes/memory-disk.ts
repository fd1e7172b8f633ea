/**
 * The node's disk in memory, a tmpfs: what holds Secrets and tokens of pods lies there, so that it never comes to a real disk.
 * One for all pods, of which each sees only what is its own: the kubelet mounts one for each volume, and to mount and unmount
 * them took half of the time that a pod costs its node agent (docs/performance.md).
 */
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mountTmpfs, unmountAll } from './mounter.ts';

/** See the file's head. */
export class MemoryDisk {
  readonly #directory: string;
  readonly #isSeen: boolean;
  #mounted: Promise<boolean> | undefined;

  /**
   * @param directory where it is mounted, once the first pod needs it.
   * @param isSeen whether containers see what is mounted there; otherwise nothing is.
   */
  constructor(directory: string, isSeen: boolean) {
    this.#directory = directory;
    this.#isSeen = isSeen;
  }

  /** The place of that pod, which may not be there yet; undefined where this process may not mount, or nobody would see it. */
  async placeOf(uid: string): Promise<string | undefined> {
    if (!this.#isSeen) return undefined;
    this.#mounted ??= this.#mount();
    const mounted = this.#mounted;
    if (await mounted) return join(this.#directory, uid);
    // What was in the way may be gone when the next pod comes: its Secrets are not to be on a real disk for that.
    if (this.#mounted === mounted) this.#mounted = undefined;
    return undefined;
  }

  /** Removes what is that pod's. */
  async remove(uid: string): Promise<void> {
    await rm(join(this.#directory, uid), { recursive: true, force: true });
  }

  /** Gives it back where no pod has anything on it. */
  async close(): Promise<void> {
    const left = await readdir(this.#directory).catch(() => []);
    if (left.length === 0) await unmountAll(this.#directory);
  }

  /** Nobody but root may, and Linux alone knows how. */
  async #mount(): Promise<boolean> {
    try {
      await mkdir(this.#directory, { recursive: true });
      await mountTmpfs(this.#directory, undefined);
      await chmod(this.#directory, 0o700);
      return true;
    } catch {
      return false;
    }
  }
}
