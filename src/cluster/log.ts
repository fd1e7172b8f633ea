/** The process's log: structured lines on stderr, warnings and errors only unless asked for more. */
import { systemClock } from '../apimachinery/clock.ts';
import type { Logger } from '../client/index.ts';

/** @param level least severe level to write. The pino library is loaded here, when the process's role needs a log. */
export async function processLog(level: 'debug' | 'warn' | 'silent'): Promise<Logger> {
  const { destination, pino } = await import('pino');
  return pino(
    { level, base: null, timestamp: () => `,"time":"${new Date(systemClock.now()).toISOString()}"` },
    destination({ fd: 2, sync: true }),
  );
}
