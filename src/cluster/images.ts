/** The images of the runtime that `--runtime` names, for the command line. What it can mend is told as a {@link UserError}. */
import { homedir } from 'node:os';
import { systemClock } from '../apimachinery/clock.ts';
import type { ListedImage, StorePlace } from '../kubelet/local-images/index.ts';
import { parseRuntimeChoice } from './runtime-choice.ts';
import { UserError } from './user-error.ts';

/** What to build, and for which runtime. */
export interface ImageBuildOptions {
  readonly tag: string;
  /** The build context. */
  readonly directory: string;
  readonly dockerfile?: string;
  /** As `--runtime` has it: `auto`, `cri[=ENDPOINT]` or `docker[=SOCKET]`. */
  readonly runtime: string;
  /** Takes what the builder prints. */
  readonly output: (text: string) => void;
}

/** Builds an image and gives it to the runtime; answers its full name. */
export function buildImage({ runtime, ...order }: ImageBuildOptions): Promise<string> {
  return explained(async () => {
    const { buildImage: build } = await import('../kubelet/local-images/index.ts');
    return build(order, await placeOf(runtime));
  });
}

/** Gives the images of an archive to the runtime; answers their full names. */
export function loadImage(archive: string, runtime: string): Promise<readonly string[]> {
  return explained(async () => {
    const { loadImage: load } = await import('../kubelet/local-images/index.ts');
    return load(archive, await placeOf(runtime));
  });
}

/** The images that the runtime has, sorted by name. */
export function listImages(runtime: string): Promise<readonly ListedImage[]> {
  return explained(async () => {
    const { listImages: list } = await import('../kubelet/local-images/index.ts');
    return list(await placeOf(runtime));
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

async function placeOf(runtime: string): Promise<StorePlace> {
  const choice = parseRuntimeChoice(runtime);
  const { kind } = choice;
  if (kind !== 'cri' && kind !== 'docker' && kind !== 'auto') {
    throw new UserError(
      `the runtime '${kind}' has no images: use auto, cri, cri=ENDPOINT, docker or docker=SOCKET`,
    );
  }
  if ('endpoint' in choice && choice.endpoint !== undefined) {
    return { engine: kind === 'docker' ? 'docker' : 'containerd', endpoint: choice.endpoint };
  }
  const { CONTAINERD_SOCKETS, findContainerdSockets } = await import(
    '../kubelet/runtimes/cri/find-socket.ts'
  );
  const { dockerSockets, findDockerSockets } = await import('../kubelet/runtimes/docker/find-socket.ts');
  const around = { env: process.env, home: homedir() };
  const containerds = kind === 'docker' ? [] : findContainerdSockets();
  const dockers = kind === 'cri' ? [] : findDockerSockets(around);
  for (const endpoint of containerds) if (await runsPods(endpoint)) return { engine: 'containerd', endpoint };
  for (const endpoint of dockers) if (await isDocker(endpoint)) return { engine: 'docker', endpoint };
  // Where none answers, the first is asked once more, so that its own words say what is wrong.
  const [containerd, docker] = [containerds[0], dockers[0]];
  if (docker !== undefined) return { engine: 'docker', endpoint: docker };
  if (containerd !== undefined) return { engine: 'containerd', endpoint: containerd };
  const places = [
    ...(kind === 'docker' ? [] : CONTAINERD_SOCKETS),
    ...(kind === 'cri' ? [] : dockerSockets(around)),
  ];
  throw new UserError(
    `no container engine is here to give images to (looked for ${places.join(', ')}): start it, or name its socket with --runtime cri=ENDPOINT or docker=SOCKET`,
  );
}

/** Whether that containerd would be chosen for pods: Docker's own, for one, answers to Docker alone. */
async function runsPods(endpoint: string): Promise<boolean> {
  const { CriError, openCri } = await import('../kubelet/runtimes/cri/index.ts');
  try {
    (await openCri(endpoint)).close();
    return true;
  } catch (error) {
    if (error instanceof CriError) return false;
    throw error;
  }
}

async function isDocker(endpoint: string): Promise<boolean> {
  const { DockerError, EngineClient } = await import('../kubelet/runtimes/docker/index.ts');
  try {
    (await EngineClient.open(endpoint, systemClock)).close();
    return true;
  } catch (error) {
    if (error instanceof DockerError) return false;
    throw error;
  }
}
