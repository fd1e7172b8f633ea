/** The process's log: structured lines on stderr, warnings and errors only unless asked for more. */
import { systemClock } from '../apimachinery/clock.ts';
import type { Logger } from '../client/index.ts';

/** Makes the log; the pino library is loaded here, when the process's role needs it. Lines less severe than `level` are dropped. */
export async function processLog(level: 'debug' | 'warn' | 'error'): Promise<Logger> {
  const { destination, pino } = await import('pino');
  const time = (): string => `,"time":"${new Date(systemClock.now()).toISOString()}"`;
  const log = pino({ level, base: null, timestamp: time }, destination({ fd: 2, sync: true }));
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
}
