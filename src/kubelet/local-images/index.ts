/**
 * Images that this machine's user puts here: built from a Dockerfile, or loaded from an archive. The machine is their
 * registry, so that a pod gets them under any pull policy but one that forbids images altogether.
 *
 * Guarantees: when a function resolves, pods can use the image under its Kubernetes name; the mark "put here by hand" is
 * kept with the image (a label in containerd; on CRI-O a second name; on Docker either that or that it came from no registry),
 * so that it holds for every server on this machine, before and after a restart, and goes when the image is removed or pulled
 * anew. Every error is a LocalImageError of one line.
 *
 * Not here: pulling for pods (images), running anything, images of other CRI runtimes than containerd and CRI-O.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { imageNames } from './archive.ts';
import { build } from './builder.ts';
import type { ImageStore, ListedImage, StorePlace } from './image-store.ts';
import { LocalImageError } from './local-image-error.ts';
import { fullName, nameForPods } from './reference.ts';

export type { ListedImage, StorePlace } from './image-store.ts';
export { LocalImageError } from './local-image-error.ts';

/** What to build. */
export interface ImageBuild {
  /** Name of the image, as a pod will ask for it. */
  readonly tag: string;
  /** The build context. */
  readonly directory: string;
  /** The Dockerfile; without one, `Dockerfile` or `Containerfile` of the directory. */
  readonly dockerfile?: string;
  /** Takes what the builder prints. */
  readonly output: (text: string) => void;
}

/** Builds an image and gives it to that store; answers its full name. */
export async function buildImage(order: ImageBuild, place: StorePlace): Promise<string> {
  const { directory, output } = order;
  const name = fullName(order.tag);
  if (name.includes('@')) throw new LocalImageError(`'${order.tag}' has a digest: give the image a tag`);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new LocalImageError(`${directory} is no directory: name the one that holds the Dockerfile`);
  }
  const dockerfile = dockerfileOf(order);
  // Nobody is told that the runtime is not there after minutes of building.
  await using store = await openStore(place);
  const work = mkdtempSync(join(tmpdir(), 'longshore-build-'));
  try {
    const archive = join(work, 'image.tar');
    const dockerHost = place.engine === 'docker' ? { dockerHost: `unix://${place.endpoint}` } : {};
    const how = { name, directory: resolve(directory), dockerfile, archive, output, ...dockerHost };
    if ((await build(how)) === 'archive') await store.importArchive(archive, [name]);
    else await store.markLocal(name);
    return name;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function dockerfileOf({ dockerfile, directory }: ImageBuild): string {
  const candidates =
    dockerfile === undefined
      ? [join(directory, 'Dockerfile'), join(directory, 'Containerfile')]
      : [dockerfile];
  const found = candidates.find((path) => existsSync(path));
  if (found !== undefined) return resolve(found);
  throw new LocalImageError(
    dockerfile === undefined
      ? `there is no Dockerfile in ${directory}: write one, or name it with --file`
      : `there is no file ${dockerfile}`,
  );
}

/**
 * Gives the images of an archive to that store; answers their full names. An image that
 * podman or buildah named `localhost/NAME` gets the name that a pod's `NAME` means as well, unless a pulled image has it.
 */
export async function loadImage(archive: string, place: StorePlace): Promise<readonly string[]> {
  const names = await imageNames(archive);
  await using store = await openStore(place);
  await store.importArchive(archive, names);
  const added: string[] = [];
  for (const name of names) {
    const more = nameForPods(name);
    if (more === undefined || (await store.stateOf(more)) === 'pulled') continue;
    await store.addName(name, more);
    added.push(more);
  }
  return [...names, ...added];
}

/** Every image that pods can use, sorted by name. */
export async function listImages(place: StorePlace): Promise<readonly ListedImage[]> {
  await using store = await openStore(place);
  return (await store.list()).toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
}

/** What speaks CRI brings gRPC and protobuf with it, so only what is wanted is loaded. */
async function openStore({ engine, endpoint }: StorePlace): Promise<ImageStore> {
  if (engine === 'docker') {
    const { openDockerStore } = await import('./docker-store.ts');
    return openDockerStore(endpoint);
  }
  const { openCriStore } = await import('./cri-store.ts');
  return openCriStore(endpoint);
}
