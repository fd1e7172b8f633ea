/** How whatever runs until it is told to end learns of that. */

/** Exit code after a second signal, as of Kubernetes' own programs. */
const IMPATIENT_EXIT_CODE = 1;

/**
 * Resolves at the first SIGINT or SIGTERM. A second one ends the process where it is: an orderly end may wait for others, and
 * what was answered is safe anyway.
 */
export function endSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isEnding = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isEnding) process.exit(IMPATIENT_EXIT_CODE);
      isEnding = true;
      resolve();
    });
  }
  return promise;
}
