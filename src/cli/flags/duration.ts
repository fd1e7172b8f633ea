/** Durations on the command line. */
import { CommanderError, Option } from 'commander';
import { parseGoDuration } from '../../apimachinery/go-duration.ts';
import { EXIT_USAGE } from '../exit-code.ts';

/** Reads a duration above zero as Go writes it (`90s`, `5m`, `1h30m`); answers milliseconds. Throws a CommanderError. */
function duration(text: string): number {
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

/** An option that takes a duration, and whose help shows the default as it would be written. */
export function durationOption(flags: string, description: string, otherwise: string): Option {
  return new Option(flags, description).argParser(duration).default(duration(otherwise), otherwise);
}
