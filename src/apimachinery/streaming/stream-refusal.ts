/**
 * Why a node will not open a stream: the answer that the client gets instead of it, as plain text. The kubelet answers so
 * (`container not found ("main")` with 500), while whatever the API server itself refuses is a StatusError.
 */
export class StreamRefusal extends Error {
  override readonly name = 'StreamRefusal';
  /** HTTP status code. */
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
