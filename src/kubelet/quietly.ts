/** Work that nobody waits for and whose failure changes nothing but the log. */
import type { Logger } from '../client/index.ts';

/** Lets it run; a failure is logged with what it was about. */
export function quietly(work: Promise<unknown>, log: Logger, about: string): void {
  work.catch((error: unknown) => log.warn({ error }, `${about}: could not be cleared away`));
}
