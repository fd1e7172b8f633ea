/** Where the images of this machine's pods are kept, as `longshore image` needs it: a runtime with CRI or a Docker Engine. */

/** Which store. */
export interface StorePlace {
  readonly engine: 'cri' | 'docker';
  /** Path of its socket. */
  readonly endpoint: string;
}

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

/** An open store. Every method rejects with a LocalImageError. */
export interface ImageStore extends AsyncDisposable {
  /** Imports the archive and marks its images as local. They are there for pods when this resolves. */
  importArchive(archive: string, names: readonly string[]): Promise<void>;
  /** Gives an image of that name one more, and marks it as local. */
  addName(name: string, more: string): Promise<void>;
  /** Marks an image that is there as local. */
  markLocal(name: string): Promise<void>;
  /** Whether an image of that full name is there, and whether by hand. */
  stateOf(name: string): Promise<'local' | 'pulled' | 'missing'>;
  /** Every image that pods can use. */
  list(): Promise<readonly ListedImage[]>;
}

/** The images under each of their names. */
export function listed(
  images: readonly { readonly id: string; readonly names: readonly string[]; readonly sizeBytes: number }[],
  isLocal: (name: string) => boolean,
): ListedImage[] {
  return images.flatMap(({ id, names, sizeBytes }): ListedImage[] => {
    if (names.length === 0) return [{ id, sizeBytes, local: false }];
    return names.map((name) => ({ id, sizeBytes, name, local: isLocal(name) }));
  });
}
