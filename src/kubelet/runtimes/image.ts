/** An image that is there. */
export interface Image {
  /** Digest of its configuration. */
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** Number or name of the user that the image asks for; absent when it asks for none. */
  readonly user?: string;
  /** Put here by `longshore image build` or `load`: this machine is its registry, so that it counts as pulled. */
  readonly local: boolean;
  /** The runtime itself needs it. */
  readonly pinned?: boolean;
}

/** Name and password for a registry. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly serverAddress: string;
}

/** The images of a runtime (CRI: ImageService). Every method rejects with a RuntimeError. */
export interface ImageService {
  /** The image of that reference, undefined when it is not there. */
  status(reference: string): Promise<Image | undefined>;
  /** Fetches an image; answers what to pass as `imageRef`. */
  pull(reference: string, auth?: RegistryAuth): Promise<string>;
  list(): Promise<readonly Image[]>;
  /** Succeeds for what is not there. */
  remove(reference: string): Promise<void>;
  /** Names and ids of the images of all containers, whoever's they are. */
  inUse(): Promise<ReadonlySet<string>>;
  /** Where images are kept on this machine; undefined where there are none, or where that is not known. */
  directory(): Promise<string | undefined>;
}
