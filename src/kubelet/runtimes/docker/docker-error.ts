/** What a request to a Docker Engine failed with: the HTTP status (0 when nobody answered) and the engine's own words. */
export class DockerError extends Error {
  override readonly name = 'DockerError';
  /** HTTP status code; 0 when there was no answer. */
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
