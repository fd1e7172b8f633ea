/** CRI-O as the registry of this machine: skopeo puts images into the storage that both know. */
import { type CriClient, CriError, type CrioStorage, crioStorage } from '../runtimes/cri/index.ts';
import { isLocalMark, localMark } from '../runtimes/local-mark.ts';
import { archiveContent } from './archive.ts';
import { type ImageStore, type ListedImage, listed } from './image-store.ts';
import { LocalImageError } from './local-image-error.ts';
import { runProgram } from './program.ts';

/** The store of the CRI-O that this client speaks to; it is closed with the store. Rejects with a {@link LocalImageError}. */
export async function openCrioStore(cri: CriClient): Promise<ImageStore> {
  try {
    return new CrioStore(cri, await crioStorage(cri.endpoint));
  } catch (error) {
    cri.close();
    if (!(error instanceof CriError)) throw error;
    throw new LocalImageError(error.message, { cause: error });
  }
}

class CrioStore implements ImageStore {
  readonly #cri: CriClient;
  readonly #storage: CrioStorage;

  constructor(cri: CriClient, storage: CrioStorage) {
    this.#cri = cri;
    this.#storage = storage;
  }

  async importArchive(archive: string, names: readonly string[]): Promise<void> {
    const { form, images } = await archiveContent(archive);
    for (const { name, reference } of images.filter((each) => names.includes(each.name))) {
      const source = [form, archive, ...(reference === undefined ? [] : [reference])].join(':');
      await this.#copy(source, name, `CRI-O did not get ${name} of ${archive}`);
      await this.markLocal(name);
    }
  }

  async addName(name: string, more: string): Promise<void> {
    await this.#copy(this.#place(name), more, `CRI-O's image ${name} did not get the name ${more}`);
    await this.markLocal(more);
  }

  markLocal(name: string): Promise<void> {
    return this.#copy(
      this.#place(name),
      localMark(name),
      `CRI-O's image ${name} could not be marked as loaded`,
    );
  }

  async stateOf(name: string): Promise<'local' | 'pulled' | 'missing'> {
    const image = await this.#cri.imageStatus(name);
    if (image === undefined) return 'missing';
    return image.repoTags.includes(localMark(name)) ? 'local' : 'pulled';
  }

  async list(): Promise<readonly ListedImage[]> {
    const images = await this.#cri.listImages();
    const marks = new Set(images.flatMap(({ repoTags }) => repoTags.filter(isLocalMark)));
    const named = images.map(({ id, repoTags, repoDigests, size }) => {
      const names = repoTags.filter((name) => !isLocalMark(name));
      return { id, sizeBytes: Number(size), names: names.length > 0 ? names : repoDigests };
    });
    return listed(named, (name) => marks.has(localMark(name)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cri.close();
  }

  #place(name: string): string {
    const { driver, root, runRoot } = this.#storage;
    return `containers-storage:[${driver}@${root}+${runRoot}]${name}`;
  }

  async #copy(source: string, name: string, failed: string): Promise<void> {
    // The user gives the image by hand: no signature is asked for that a registry's image may need.
    const args = ['--insecure-policy', 'copy', '--quiet', source, this.#place(name)];
    const { exitCode, stderr } = await runProgram('skopeo', args);
    if (exitCode === undefined) {
      throw new LocalImageError(
        "'skopeo' is not installed: it puts images into CRI-O's storage, and is a package of every distribution that has CRI-O",
      );
    }
    if (exitCode !== 0) throw new LocalImageError(`${failed}: ${complaint(stderr)}`);
  }
}

/** The last line that skopeo printed, without its time and level. */
function complaint(stderr: string): string {
  const last = stderr.split('\n').at(-1) ?? '';
  const [, message] = /\bmsg="((?:[^"\\]|\\.)*)"/.exec(last) ?? [];
  return message?.replaceAll('\\"', '"') ?? last;
}
