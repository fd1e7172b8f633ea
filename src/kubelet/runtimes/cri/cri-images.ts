/** The images of a runtime that speaks CRI; on containerd and CRI-O, with those marked that were built or loaded on this machine. */
import type { Image, ImageService, RegistryAuth } from '../image.ts';
import { localMark } from '../local-mark.ts';
import { translated } from './as-runtime-error.ts';
import type { CriClient } from './client.ts';
import { type ContainerdClient, LOCAL_LABEL } from './containerd-client.ts';
import { CriError } from './cri-error.ts';
import { containerOf, imageOf } from './from-cri.ts';

/** See the file's head. */
export class CriImages implements ImageService {
  readonly #cri: CriClient;
  readonly #containerd: ContainerdClient;
  /** What sandboxes are made from: no container names it, and it is needed again and again. */
  readonly #sandboxImage: string | undefined;

  constructor(cri: CriClient, containerd: ContainerdClient, sandboxImage: string | undefined) {
    this.#cri = cri;
    this.#containerd = containerd;
    this.#sandboxImage = sandboxImage;
  }

  status(reference: string): Promise<Image | undefined> {
    return translated(async () => {
      const [image, local] = await Promise.all([this.#cri.imageStatus(reference), this.#isLocal(reference)]);
      return image === undefined ? undefined : imageOf(image, local || isMarked(image, reference));
    });
  }

  pull(reference: string, auth?: RegistryAuth): Promise<string> {
    // The registry is named by the reference; some runtimes take an address for a URL, which a host with a port is not.
    const login = auth === undefined ? undefined : { username: auth.username, password: auth.password };
    return translated(() => this.#cri.pullImage(reference, login));
  }

  list(): Promise<readonly Image[]> {
    return translated(async () => {
      const [images, marked] = await Promise.all([
        this.#cri.listImages(),
        unlessForeign(() => this.#containerd.imagesLabelled(LOCAL_LABEL, 'true'), []),
      ]);
      const local = new Set(marked.map(({ name }) => name));
      return images.map((image) => {
        const own = image.repoTags.some((tag) => local.has(tag) || isMarked(image, tag));
        const isSandbox = this.#sandboxImage !== undefined && image.repoTags.includes(this.#sandboxImage);
        return { ...imageOf(image, own), pinned: image.pinned || isSandbox };
      });
    });
  }

  remove(reference: string): Promise<void> {
    return translated(() => this.#cri.removeImage(reference));
  }

  inUse(): Promise<ReadonlySet<string>> {
    return translated(async () => {
      const all = (await this.#cri.listContainers()).map(containerOf);
      return new Set(all.flatMap(({ imageRef, image }) => [imageRef, image]));
    });
  }

  directory(): Promise<string | undefined> {
    return translated(async () => (await this.#cri.imageDirectories())[0]);
  }

  /** Only whole names can be marked: an id is whatever name it was found by. */
  async #isLocal(name: string): Promise<boolean> {
    const image = await unlessForeign(() => this.#containerd.image(name), undefined);
    return image?.labels[LOCAL_LABEL] === 'true';
  }
}

/** Whether the image has a second name that says that it was put here by hand under that full name: CRI-O has no labels. */
function isMarked({ repoTags }: { readonly repoTags: readonly string[] }, name: string): boolean {
  return repoTags.includes(localMark(name));
}

/** What a runtime that is no containerd answers counts as `otherwise`. */
async function unlessForeign<Value>(ask: () => Promise<Value>, otherwise: Value): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CriError && error.code === 'UNIMPLEMENTED') return otherwise;
    throw error;
  }
}
