import type { ImageService } from '../image.ts';
import { ifThere, translated } from './as-runtime-error.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineImages } from './engine-images.ts';
import type { EngineListedContainer } from './engine-types.ts';

/**
 * An engine's images as the node agent asks for them, its failures put into words for a pod's status.
 *
 * @param directory where they lie, if the engine's machine is this one.
 */
export function imageService(
  client: EngineClient,
  images: EngineImages,
  directory: string | undefined,
): ImageService {
  return {
    status: (reference) => translated(() => images.find(reference)),
    pull: (reference, auth) =>
      translated(
        () => images.pull(reference, auth),
        (words) => `Error response from daemon: ${words}`,
      ),
    list: () => translated(() => images.list()),
    remove: (reference) => translated(() => ifThere(images.remove(reference))),
    inUse: () =>
      translated(async () => {
        const all = await client.get<readonly EngineListedContainer[]>('/containers/json', { all: true });
        return new Set(all.map(({ ImageID }) => ImageID));
      }),
    directory: async () => directory,
  };
}
