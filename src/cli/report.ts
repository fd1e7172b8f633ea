import { StatusError } from '../apimachinery/status-error.ts';
import { systemCodeOf } from '../apimachinery/thrown.ts';
import { UserError } from '../cluster/index.ts';
import { EXIT_FAULT, EXIT_USAGE } from './exit-code.ts';

/**
 * Says on stderr what ended the command and answers its exit code: one line and 2 for what the user can mend, the whole
 * stack and 70 for a fault of longshore's own.
 */
export function report(error: unknown): number {
  if (error instanceof UserError || error instanceof StatusError) {
    process.stderr.write(`longshore: ${oneLine(error.message)}\n`);
    return EXIT_USAGE;
  }
  if (isOutOfRoom(error)) {
    process.stderr.write(`longshore: ${oneLine(error.message)}: free disk space, then try again\n`);
    return EXIT_USAGE;
  }
  process.stderr.write(`longshore: this is a fault in longshore, please report it:\n`);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_FAULT;
}

/** Whether the disk is full: the error says so itself, or one of its causes does. */
function isOutOfRoom(error: unknown): error is Error {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (systemCodeOf(each) === 'ENOSPC') return true;
  }
  return false;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();
