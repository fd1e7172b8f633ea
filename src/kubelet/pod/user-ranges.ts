/**
 * Users of the node for pods that have users of their own (`hostUsers: false`): a range for each, which no other pod of this
 * node agent has. It is noted among the pod's files, so that the next process knows it. Source: pkg/kubelet/userns.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodDirectories } from '../pod-directories.ts';
import type { UserRange } from '../runtimes/sandbox.ts';

/** Users in a range, as many as a program may expect; the first range is left to the node itself. */
const RANGE_LENGTH = 65_536;
/** Ranges that the kernel has numbers for: 32 bits, of which the last range has one that stands for nobody. */
const RANGES_MAX = 65_535;
const FILE = 'userns';

/** See the file's head. */
export class UserRanges {
  readonly #directories: PodDirectories;
  /** First user of each pod's range, by the pod's uid; read from the disk when first needed. */
  #taken: Promise<Map<string, number>> | undefined;

  constructor(directories: PodDirectories) {
    this.#directories = directories;
  }

  /** The range of a pod: the same one until it is released. */
  async of(uid: string): Promise<UserRange> {
    this.#taken ??= this.#read();
    const taken = await this.#taken;
    const known = taken.get(uid);
    if (known !== undefined) return { first: known, length: RANGE_LENGTH };
    const first = firstFree(new Set(taken.values()));
    taken.set(uid, first);
    try {
      const directory = this.#directories.filesOf(uid);
      await mkdir(directory, { recursive: true, mode: 0o755 });
      await writeFile(join(directory, FILE), JSON.stringify({ first }), { flush: true });
    } catch (error) {
      taken.delete(uid);
      throw error;
    }
    return { first, length: RANGE_LENGTH };
  }

  /** Nothing of the pod is left: another may have its range. */
  async release(uid: string): Promise<void> {
    if (this.#taken === undefined) return;
    (await this.#taken).delete(uid);
    await rm(join(this.#directories.filesOf(uid), FILE), { force: true });
  }

  async #read(): Promise<Map<string, number>> {
    const taken = new Map<string, number>();
    for (const uid of await readdir(this.#directories.files).catch(() => [])) {
      const file = join(this.#directories.filesOf(uid), FILE);
      const text = await readFile(file, 'utf8').catch(() => '');
      const first = Number(/"first":(\d+)/.exec(text)?.[1]);
      if (first > 0) taken.set(uid, first);
    }
    return taken;
  }
}

function firstFree(taken: ReadonlySet<number>): number {
  for (let range = 1; range < RANGES_MAX; range += 1) {
    if (!taken.has(range * RANGE_LENGTH)) return range * RANGE_LENGTH;
  }
  throw new Error('create user namespace: could not find an empty slot to allocate a user namespace');
}
