/** Numbers on the command line. */
import { CommanderError } from 'commander';
import { EXIT_USAGE } from '../exit-code.ts';

/** Reads a whole number of up to nine digits. Throws a CommanderError of code `longshore.number`. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new CommanderError(EXIT_USAGE, 'longshore.number', `error: '${text}' is not a whole number`);
  }
  return Number(text);
}
