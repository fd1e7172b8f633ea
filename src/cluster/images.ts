/** The images of the runtime that `--runtime` names, for the command line. What it can mend is told as a {@link UserError}. */
import type { ListedImage } from '../kubelet/local-images/index.ts';
import { parseRuntimeChoice } from './runtime-choice.ts';
import { UserError } from './user-error.ts';

/** What to build, and for which runtime. */
export interface ImageBuildOptions {
  readonly tag: string;
  /** The build context. */
  readonly directory: string;
  readonly dockerfile?: string;
  /** As `--runtime` has it: `auto` or `cri[=ENDPOINT]`. */
  readonly runtime: string;
  /** Takes what the builder prints. */
  readonly output: (text: string) => void;
}

/** Builds an image and gives it to the runtime; answers its full name. */
export function buildImage({ runtime, ...order }: ImageBuildOptions): Promise<string> {
  return withImages(runtime, (images, endpoint) => images.buildImage(order, endpoint));
}

/** Gives the images of an archive to the runtime; answers their full names. */
export function loadImage(archive: string, runtime: string): Promise<readonly string[]> {
  return withImages(runtime, (images, endpoint) => images.loadImage(archive, endpoint));
}

/** The images that the runtime has, sorted by name. */
export function listImages(runtime: string): Promise<readonly ListedImage[]> {
  return withImages(runtime, (images, endpoint) => images.listImages(endpoint));
}

type LocalImages = typeof import('../kubelet/local-images/index.ts');

async function withImages<Answer>(
  runtime: string,
  act: (images: LocalImages, endpoint: string) => Promise<Answer>,
): Promise<Answer> {
  const endpoint = await endpointOf(runtime);
  const images = await import('../kubelet/local-images/index.ts');
  try {
    return await act(images, endpoint);
  } catch (error) {
    if (error instanceof images.LocalImageError) throw new UserError(error.message, { cause: error });
    throw error;
  }
}

async function endpointOf(runtime: string): Promise<string> {
  const choice = parseRuntimeChoice(runtime);
  if (choice.kind === 'cri' && choice.endpoint !== undefined) return choice.endpoint;
  if (choice.kind !== 'cri' && choice.kind !== 'auto') {
    throw new UserError(`the runtime '${choice.kind}' has no images: use auto, cri or cri=ENDPOINT`);
  }
  const { CONTAINERD_SOCKETS, findContainerdSocket } = await import('../kubelet/runtimes/cri/index.ts');
  const found = findContainerdSocket();
  if (found !== undefined) return found;
  throw new UserError(
    `no containerd is here to give images to (looked for ${CONTAINERD_SOCKETS.join(', ')}): start it, or name its socket with --runtime cri=ENDPOINT`,
  );
}
