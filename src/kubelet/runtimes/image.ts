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
