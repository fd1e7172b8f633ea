/**
 * Which pods may use an image that is there already: one that was fetched with a password is for those who know it too
 * (KEP-2535). Kept on disk, so that a restart of the server opens nothing.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from '../../apimachinery/replace-file.ts';
import type { RegistryAuth } from '../runtimes/image.ts';

/** How an image came here from one repository. */
interface Origin {
  /** It was given to somebody without a password. */
  readonly open: boolean;
  /** Hashes of the names and passwords that it was given for. */
  readonly credentials: readonly string[];
}

/** Images that are remembered; the oldest are forgotten beyond that, and count as put here by hand. */
const REMEMBERED_MAX = 10_000;

/** See the file's head. */
export class ImageAccess {
  readonly #file: string | undefined;
  /** By image id, then by repository. */
  readonly #origins = new Map<string, Record<string, Origin>>();
  #loading: Promise<void> | undefined;
  /** The last write of the file: one follows another, for all go through one file beside it. */
  #saving: Promise<void> = Promise.resolve();

  /** @param file undefined: nothing is kept beyond this process. */
  constructor(file: string | undefined) {
    this.#file = file;
  }

  /**
   * Whether a pod with those credentials may use the image under that name without asking the registry. An image that was
   * not fetched by this node is everybody's.
   */
  async mayUse(id: string, repository: string, credentials: readonly RegistryAuth[]): Promise<boolean> {
    await this.#load();
    const origins = this.#origins.get(id);
    if (origins === undefined) return true;
    const origin = origins[repository];
    if (origin === undefined) return false;
    return origin.open || credentials.some((each) => origin.credentials.includes(hashOf(each)));
  }

  /** Notes that the registry gave the image for those credentials, or for none. */
  async notePull(id: string, repository: string, credential: RegistryAuth | undefined): Promise<void> {
    await this.#load();
    const origins = this.#origins.get(id) ?? {};
    const { open, credentials } = origins[repository] ?? { open: false, credentials: [] };
    const added = credential === undefined ? [] : [hashOf(credential)];
    const origin = {
      open: open || credential === undefined,
      credentials: [...new Set([...credentials, ...added])],
    };
    this.#origins.delete(id);
    this.#origins.set(id, { ...origins, [repository]: origin });
    const oldest = this.#origins.keys().next();
    if (this.#origins.size > REMEMBERED_MAX && !oldest.done) this.#origins.delete(oldest.value);
    await this.#save();
  }

  #load(): Promise<void> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  async #read(): Promise<void> {
    if (this.#file === undefined) return;
    const text = await readFile(this.#file, 'utf8').catch(() => '[]'); // Nothing was fetched yet.
    for (const [id, origins] of JSON.parse(text) as [string, Record<string, Origin>][]) {
      this.#origins.set(id, origins);
    }
  }

  /** Writes what is known then; a write that failed keeps none after it from being tried. */
  #save(): Promise<void> {
    this.#saving = this.#saving.catch(() => undefined).then(() => this.#write());
    return this.#saving;
  }

  async #write(): Promise<void> {
    if (this.#file === undefined) return;
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await replaceFile(this.#file, JSON.stringify([...this.#origins]), { mode: 0o600 });
  }
}

function hashOf({ username, password }: RegistryAuth): string {
  return createHash('sha256')
    .update(JSON.stringify([username, password]))
    .digest('hex');
}
