/** What of a container's log is asked for. Not stored, so not in types.ts: the query parameters of `pods/log`, with their defaults. */
export interface PodLogOptions {
  readonly container: string;
  /** Whether what is still to be written is told too, until the container has ended. */
  readonly follow: boolean;
  /** The log of the container's run before this one. */
  readonly previous: boolean;
  /** Whether each line begins with its time. */
  readonly timestamps: boolean;
  /** Only the last so many lines. */
  readonly tailLines?: number;
  /** At most so many bytes. */
  readonly limitBytes?: number;
  /** Only what was written in so many seconds before now. */
  readonly sinceSeconds?: number;
  /** RFC 3339: only what was written from then on. */
  readonly sinceTime?: string;
}
