/** The images of the runtime that `--runtime` names, for the command line. What it can mend is told as a {@link UserError}. */
import { systemClock } from '../../apimachinery/clock.ts';
import type { ListedImage, StorePlace } from '../../kubelet/local-images/index.ts';
import { UserError } from '../user-error.ts';
import { enginesOf, firstThatAnswers, placesOf } from './engines.ts';
import { parseRuntimeChoice } from './runtime-choice.ts';

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
    const { buildImage: build } = await import('../../kubelet/local-images/index.ts');
    return build(order, await placeOf(runtime));
  });
}

/** Gives the images of an archive to the runtime; answers their full names. */
export function loadImage(archive: string, runtime: string): Promise<readonly string[]> {
  return explained(async () => {
    const { loadImage: load } = await import('../../kubelet/local-images/index.ts');
    return load(archive, await placeOf(runtime));
  });
}

/** The images that the runtime has, sorted by name. */
export function listImages(runtime: string): Promise<readonly ListedImage[]> {
  return explained(async () => {
    const { listImages: list } = await import('../../kubelet/local-images/index.ts');
    return list(await placeOf(runtime));
  });
}

async function explained<Answer>(act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    const { LocalImageError } = await import('../../kubelet/local-images/index.ts');
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
    return { engine: kind === 'docker' ? 'docker' : 'cri', endpoint: choice.endpoint };
  }
  const engines = enginesOf(kind);
  const places = await placesOf(engines);
  const { answer } = await firstThatAnswers(places, async (place) => {
    await place.engine.check(place.endpoint, systemClock);
    return place;
  });
  // Where none answers, one is asked once more, so that its own words say what is wrong: Docker's where there is one.
  const chosen = answer ?? places.find(({ engine }) => engine.kind === 'docker') ?? places[0];
  if (chosen !== undefined) return { engine: chosen.engine.kind, endpoint: chosen.endpoint };
  const looked = (await Promise.all(engines.map((engine) => engine.places()))).flat();
  throw new UserError(
    `no container engine is here to give images to (looked for ${looked.join(', ')}): start it, or name its socket with --runtime cri=ENDPOINT or docker=SOCKET`,
  );
}
