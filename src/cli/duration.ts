/** Durations on the command line. */
import { CommanderError } from 'commander';
import { parseGoDuration } from '../apimachinery/go-duration.ts';

/** Exit code for a mistake in the call. */
const EXIT_USAGE = 2;

/** Reads a duration above zero as Go writes it (`90s`, `5m`, `1h30m`); answers milliseconds. Throws a CommanderError. */
export function duration(text: string): number {
  let nanoseconds: bigint | undefined;
  try {
    nanoseconds = parseGoDuration(text);
  } catch {
    nanoseconds = undefined;
  }
  if (nanoseconds === undefined || nanoseconds < 1_000_000n) {
    const message = `error: '${text}' is not a duration above zero, such as 90s, 5m or 1h30m`;
    throw new CommanderError(EXIT_USAGE, 'longshore.duration', message);
  }
  return Number(nanoseconds / 1_000_000n);
}
