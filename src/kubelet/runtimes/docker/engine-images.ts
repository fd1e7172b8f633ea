/** The images of an engine, which its user has for other work too. */
import type { Readable } from 'node:stream';
import { parseImageReference } from '../../../apis/core/image-reference.ts';
import type { Image, RegistryAuth } from '../image.ts';
import { isLocalMark, localMark } from '../local-mark.ts';
import { DockerError } from './docker-error.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineImage } from './engine-types.ts';

/** What stands for a name that an image does not have. */
const NO_NAME = /<none>/;

/** See the file's head. Every method rejects with {@link DockerError}. */
export class EngineImages {
  readonly #client: EngineClient;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  /** The image of that name or id, undefined when it is not there. */
  async find(reference: string): Promise<Image | undefined> {
    try {
      return imageOf(await this.#client.get<EngineImage>(`/images/${reference}/json`));
    } catch (error) {
      if (error instanceof DockerError && error.code === 404) return undefined;
      throw error;
    }
  }

  async list(): Promise<readonly Image[]> {
    return (await this.#client.get<readonly EngineImage[]>('/images/json')).map(imageOf);
  }

  /** Fetches an image; answers its id. */
  async pull(reference: string, auth: RegistryAuth | undefined): Promise<string> {
    const { repository = reference, tag = '', digest = '' } = parseImageReference(reference) ?? {};
    const query = digest === '' ? { fromImage: repository, tag } : { fromImage: `${repository}@${digest}` };
    const headers = auth === undefined ? {} : { 'x-registry-auth': authText(auth) };
    await this.#client.follow('/images/create', query, undefined, headers);
    const wanted = digest === '' ? `${repository}:${tag}` : `${repository}@${digest}`;
    const image = await this.find(wanted);
    if (image === undefined) throw new DockerError(404, `no image ${wanted} after it was pulled`);
    return image.id;
  }

  /** Gives an image one more name. */
  async tag(reference: string, more: string): Promise<void> {
    const { repository: repo = more, tag = 'latest' } = parseImageReference(more) ?? {};
    await this.#client.post(`/images/${reference}/tag`, { repo, tag });
  }

  /** Notes that the image of that full name was put here by hand, unless that shows by itself. */
  async markLocal(name: string): Promise<void> {
    if ((await this.find(name))?.local === false) await this.tag(name, localMark(name));
  }

  /** Takes in the images of an archive. */
  async load(archive: Readable): Promise<void> {
    await this.#client.follow('/images/load', { quiet: true }, archive);
  }

  async remove(reference: string): Promise<void> {
    await this.#client.delete(`/images/${reference}`);
  }
}

function imageOf({ Id, RepoTags, RepoDigests, Size, Config }: EngineImage): Image {
  const digests = (RepoDigests ?? []).filter((name) => !NO_NAME.test(name));
  const names = (RepoTags ?? []).filter((name) => !NO_NAME.test(name));
  const user = Config?.User ?? '';
  return {
    id: Id.startsWith('sha256:') ? Id : `sha256:${Id}`,
    tags: names.filter((name) => !isLocalMark(name)).map(fullName),
    digests,
    sizeBytes: Size,
    ...(user === '' ? {} : { user: user.split(':')[0] ?? '' }),
    // An image that came from no registry was built or loaded here, so that nothing could be pulled in its place; but newer
    // engines give every image a digest, as if it had come from one.
    local: digests.length === 0 || names.some(isLocalMark),
    // Others' work may need it, whether a pod does or not.
    pinned: true,
  };
}

/** Docker leaves out what Kubernetes writes: `docker.io/library/`. */
function fullName(name: string): string {
  const parsed = parseImageReference(name);
  return parsed === undefined ? name : `${parsed.repository}:${parsed.tag}`;
}

function authText({ username, password, serverAddress }: RegistryAuth): string {
  const text = JSON.stringify({ username, password, serveraddress: serverAddress });
  // The alphabet for URLs, with the padding that Node leaves out there.
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
