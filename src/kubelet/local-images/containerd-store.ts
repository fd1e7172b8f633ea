/** containerd as the registry of this machine: gets archives in, and remembers which images were put there by hand. */
import { sleep, systemClock } from '../../apimachinery/clock.ts';
import { ContainerdClient, type CriClient, LOCAL_LABEL } from '../runtimes/cri/index.ts';
import { type ImageStore, type ListedImage, listed } from './image-store.ts';
import { LocalImageError } from './local-image-error.ts';
import { type ProgramEnd, runProgram } from './program.ts';

/** Label by which containerd's CRI part marks an image as its own; it takes away all others while it does. */
const MANAGED_LABEL = 'io.cri-containerd.image';
/** How long the CRI part may take to see an import, milliseconds; it takes a few. */
const MANAGED_MS_MAX = 10_000;
const POLL_INTERVAL_MS = 5;

/** The store of the containerd that this client speaks to; it is closed with the store. */
export function openContainerdStore(cri: CriClient): ImageStore {
  return new ContainerdStore(cri);
}

class ContainerdStore implements ImageStore {
  readonly #cri: CriClient;
  readonly #containerd: ContainerdClient;

  constructor(cri: CriClient) {
    this.#cri = cri;
    this.#containerd = new ContainerdClient(cri.endpoint);
  }

  async importArchive(archive: string, names: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await this.#ctr('import', archive);
    if (exitCode === undefined) {
      throw new LocalImageError(
        "'ctr' is not installed: it comes with containerd and is needed to load images",
      );
    }
    if (exitCode !== 0) {
      throw new LocalImageError(`containerd refused ${archive}: ${stderr.replace(/^ctr: /, '')}`);
    }
    for (const name of names) await this.markLocal(name);
  }

  async addName(name: string, more: string): Promise<void> {
    const { exitCode, stderr } = await this.#ctr('tag', '--force', name, more);
    if (exitCode !== 0) {
      throw new LocalImageError(`containerd refused the name ${more}: ${stderr.replace(/^ctr: /, '')}`);
    }
    await this.markLocal(more);
  }

  async markLocal(name: string): Promise<void> {
    for (const end = systemClock.monotonic() + MANAGED_MS_MAX; ; ) {
      const image = await this.#containerd.image(name);
      if (image === undefined)
        throw new LocalImageError(`containerd did not take ${name} out of the archive`);
      // Marked before the CRI part has seen the image, it would lose the mark again.
      if (image.labels[MANAGED_LABEL] !== undefined || systemClock.monotonic() > end) break;
      await sleep(systemClock, POLL_INTERVAL_MS);
    }
    await this.#containerd.labelImage(name, LOCAL_LABEL, 'true');
  }

  async stateOf(name: string): Promise<'local' | 'pulled' | 'missing'> {
    const image = await this.#containerd.image(name);
    if (image === undefined) return 'missing';
    return image.labels[LOCAL_LABEL] === 'true' ? 'local' : 'pulled';
  }

  async list(): Promise<readonly ListedImage[]> {
    const [images, marked] = await Promise.all([
      this.#cri.listImages(),
      this.#containerd.imagesLabelled(LOCAL_LABEL, 'true'),
    ]);
    const local = new Set(marked.map(({ name }) => name));
    const named = images.map(({ id, repoTags, repoDigests, size }) => ({
      id,
      sizeBytes: Number(size),
      names: repoTags.length > 0 ? repoTags : repoDigests,
    }));
    return listed(named, (name) => local.has(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cri.close();
    this.#containerd.close();
  }

  #ctr(...args: readonly string[]): Promise<ProgramEnd> {
    const address = ['--address', this.#cri.endpoint, '--namespace', 'k8s.io'];
    return runProgram('ctr', [...address, 'images', ...args]);
  }
}
