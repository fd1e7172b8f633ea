/** A Docker Engine as the registry of this machine. */
import { createReadStream } from 'node:fs';
import { systemClock } from '../../apimachinery/clock.ts';
import { DockerError, EngineClient, EngineImages } from '../runtimes/docker/index.ts';
import { type ImageStore, type ListedImage, listed } from './image-store.ts';
import { LocalImageError } from './local-image-error.ts';

/** Opens the store behind that socket. Rejects with a {@link LocalImageError}. */
export function openDockerStore(endpoint: string): Promise<ImageStore> {
  return told(
    async () => new DockerStore(await EngineClient.open(endpoint, systemClock)),
    (words) => `${words}: start Docker, or name another socket with '--runtime docker=SOCKET'`,
  );
}

class DockerStore implements ImageStore {
  readonly #client: EngineClient;
  readonly #images: EngineImages;

  constructor(client: EngineClient) {
    this.#client = client;
    this.#images = new EngineImages(client);
  }

  async importArchive(archive: string, names: readonly string[]): Promise<void> {
    await told(
      () => this.#images.load(createReadStream(archive)),
      (words) => `docker refused ${archive}: ${words}`,
    );
    for (const name of names) {
      if ((await this.stateOf(name)) === 'missing') {
        throw new LocalImageError(`docker did not take ${name} out of the archive`);
      }
      await this.markLocal(name);
    }
  }

  async addName(name: string, more: string): Promise<void> {
    await told(
      () => this.#images.tag(name, more),
      (words) => `docker refused the name ${more}: ${words}`,
    );
    await this.markLocal(more);
  }

  markLocal(name: string): Promise<void> {
    return told(() => this.#images.markLocal(name));
  }

  async stateOf(name: string): Promise<'local' | 'pulled' | 'missing'> {
    const image = await told(() => this.#images.find(name));
    if (image === undefined) return 'missing';
    return image.local ? 'local' : 'pulled';
  }

  async list(): Promise<readonly ListedImage[]> {
    const images = await told(() => this.#images.list());
    return images.flatMap(({ id, tags, digests, sizeBytes, local }) =>
      listed([{ id, sizeBytes, names: tags.length > 0 ? tags : digests }], () => local),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
  }
}

async function told<Answer>(
  act: () => Promise<Answer>,
  worded: (words: string) => string = (words) => words,
): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    throw new LocalImageError(worded(error.message), { cause: error });
  }
}
