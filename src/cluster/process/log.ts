/** The process's log: structured lines on stderr, warnings and errors only unless asked for more. */
import { writeSync } from 'node:fs';
import { systemClock } from '../../apimachinery/clock.ts';
import type { Logger } from '../../client/index.ts';

/** The numbers that pino and bunyan give severities, by which tools that read such lines sort them. */
const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
const STDERR = 2;

/** Makes the log. Lines less severe than `level` are dropped; a line is written when the call returns. */
export function processLog(level: keyof typeof LEVELS): Logger {
  const line = (severity: keyof typeof LEVELS) => (fields: object, message: string) => {
    if (LEVELS[severity] >= LEVELS[level])
      write(logLine(LEVELS[severity], systemClock.now(), fields, message));
  };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

/** One line: level, time, the fields, the message. Errors tell their message, their cause and where they came from. Pure. */
export function logLine(level: number, now: number, fields: object, message: string): string {
  const head = { level, time: new Date(now).toISOString() };
  try {
    return `${JSON.stringify({ ...head, ...fields, msg: message }, told)}\n`;
  } catch {
    // What refers to itself, or has numbers that JSON lacks, is no reason to lose the line.
    return `${JSON.stringify({ ...head, msg: message })}\n`;
  }
}

function told(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const { name: type, message, stack, cause } = value;
  return {
    ...Object.fromEntries(Object.entries(value)),
    type,
    message,
    stack,
    ...(cause === undefined ? {} : { cause }),
  };
}

/** A log that cannot be written (its reader has gone) ends nothing. */
function write(line: string): void {
  try {
    writeSync(STDERR, line);
  } catch {
    // Nobody is there to be told.
  }
}
