/** containerd as the registry of this machine: gets archives in, and remembers which images were put there by hand. */
import { sleep, systemClock } from '../../apimachinery/clock.ts';
import { ContainerdClient, CriError, LOCAL_LABEL, openCri } from '../runtimes/cri/index.ts';
import { LocalImageError } from './local-image-error.ts';
import { runProgram } from './program.ts';

/** Label by which containerd's CRI part marks an image as its own; it takes away all others while it does. */
const MANAGED_LABEL = 'io.cri-containerd.image';
/** How long the CRI part may take to see an import, milliseconds; it takes a few. */
const MANAGED_MS_MAX = 10_000;
const POLL_INTERVAL_MS = 5;

/** An image as `longshore image ls` shows it. */
export interface ListedImage {
  /** Full name; absent for an image without any. */
  readonly name?: string;
  /** Digest of its configuration. */
  readonly id: string;
  readonly sizeBytes: number;
  /** Whether it was built or loaded here. */
  readonly local: boolean;
}

/** Imports the archive and marks its images as local. They are there for pods when this resolves. */
export async function importArchive(
  archive: string,
  names: readonly string[],
  endpoint: string,
): Promise<void> {
  await using store = await openStore(endpoint);
  const address = ['--address', endpoint, '--namespace', 'k8s.io'];
  const { exitCode, stderr } = await runProgram('ctr', [...address, 'images', 'import', archive]);
  if (exitCode === undefined) {
    throw new LocalImageError(
      "'ctr' is not installed: it comes with containerd and is needed to load images",
    );
  }
  if (exitCode !== 0) {
    throw new LocalImageError(`containerd refused ${archive}: ${stderr.replace(/^ctr: /, '')}`);
  }
  for (const name of names) await store.markLocal(name);
}

/** Gives an image of that name one more, and marks it as local. */
export async function addName(name: string, more: string, endpoint: string): Promise<void> {
  await using store = await openStore(endpoint);
  const address = ['--address', endpoint, '--namespace', 'k8s.io'];
  const { exitCode, stderr } = await runProgram('ctr', [...address, 'images', 'tag', '--force', name, more]);
  if (exitCode !== 0) {
    throw new LocalImageError(`containerd refused the name ${more}: ${stderr.replace(/^ctr: /, '')}`);
  }
  await store.markLocal(more);
}

/** Whether an image of that full name is there, and whether by hand. */
export async function stateOfImage(name: string, endpoint: string): Promise<'local' | 'pulled' | 'missing'> {
  await using store = await openStore(endpoint);
  const image = await store.containerd.image(name);
  if (image === undefined) return 'missing';
  return image.labels[LOCAL_LABEL] === 'true' ? 'local' : 'pulled';
}

/** Every image that pods can use, sorted by name. */
export async function listedImages(endpoint: string): Promise<readonly ListedImage[]> {
  await using store = await openStore(endpoint);
  const [images, marked] = await Promise.all([
    store.cri.listImages(),
    store.containerd.imagesLabelled(LOCAL_LABEL, 'true'),
  ]);
  const local = new Set(marked.map(({ name }) => name));
  return images
    .flatMap(({ id, repoTags, repoDigests, size }): ListedImage[] => {
      const facts = { id, sizeBytes: Number(size) };
      const names = repoTags.length > 0 ? repoTags : repoDigests;
      if (names.length === 0) return [{ ...facts, local: false }];
      return names.map((name) => ({ ...facts, name, local: local.has(name) }));
    })
    .toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
}

async function openStore(endpoint: string) {
  try {
    const cri = await openCri(endpoint);
    const containerd = new ContainerdClient(endpoint);
    return {
      cri,
      containerd,
      markLocal: (name: string) => markLocal(name, containerd),
      async [Symbol.asyncDispose]() {
        cri.close();
        containerd.close();
      },
    };
  } catch (error) {
    if (error instanceof CriError) throw new LocalImageError(error.message, { cause: error });
    throw error;
  }
}

async function markLocal(name: string, containerd: ContainerdClient): Promise<void> {
  for (const end = systemClock.monotonic() + MANAGED_MS_MAX; ; ) {
    const image = await containerd.image(name);
    if (image === undefined) throw new LocalImageError(`containerd did not take ${name} out of the archive`);
    // Marked before the CRI part has seen the image, it would lose the mark again.
    if (image.labels[MANAGED_LABEL] !== undefined || systemClock.monotonic() > end) break;
    await sleep(systemClock, POLL_INTERVAL_MS);
  }
  await containerd.labelImage(name, LOCAL_LABEL, 'true');
}
