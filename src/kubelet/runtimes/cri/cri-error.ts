/** What a call to the runtime's socket failed with: the gRPC code by name, and the runtime's own words. */
export class CriError extends Error {
  override readonly name = 'CriError';
  /** Name of the gRPC code: `NOT_FOUND`, `UNAVAILABLE`, `DEADLINE_EXCEEDED`, `UNIMPLEMENTED`… */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
