/**
 * Ends the process with `error`, from outside the caller's stack: for a bug of ours that shows inside a callback whose
 * caller (the store, a transport) must not be torn apart by it.
 */
export function crash(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
