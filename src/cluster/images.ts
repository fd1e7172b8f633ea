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
  return explained(async () => {
    const { buildImage: build } = await import('../kubelet/local-images/index.ts');
    return build(order, await endpointOf(runtime));
  });
}

/** Gives the images of an archive to the runtime; answers their full names. */
export function loadImage(archive: string, runtime: string): Promise<readonly string[]> {
  return explained(async () => {
    const { loadImage: load } = await import('../kubelet/local-images/index.ts');
    return load(archive, await endpointOf(runtime));
  });
}

/** The images that the runtime has, sorted by name. */
export function listImages(runtime: string): Promise<readonly ListedImage[]> {
  return explained(async () => {
    const { listImages: list } = await import('../kubelet/local-images/index.ts');
    return list(await endpointOf(runtime));
  });
}

async function explained<Answer>(act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    const { LocalImageError } = await import('../kubelet/local-images/index.ts');
    if (error instanceof LocalImageError) throw new UserError(error.message, { cause: error });
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
