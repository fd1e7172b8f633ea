import { StatusError } from '../apimachinery/status-error.ts';
import { UserError } from '../cluster/index.ts';

/** Exit code for input or circumstances that the user can mend. */
const EXIT_USER_ERROR = 2;

/**
 * Says on stderr what ended the command and answers its exit code: one line and 2 for what the user can mend, the whole
 * stack and 70 (EX_SOFTWARE of sysexits.h) for a fault of longshore's own.
 */
export function report(error: unknown): number {
  if (error instanceof UserError || error instanceof StatusError) {
    process.stderr.write(`longshore: ${oneLine(error.message)}\n`);
    return EXIT_USER_ERROR;
  }
  if (isOutOfRoom(error)) {
    process.stderr.write(`longshore: ${oneLine(error.message)}: free disk space, then try again\n`);
    return EXIT_USER_ERROR;
  }
  process.stderr.write(`longshore: this is a fault in longshore, please report it:\n`);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 70;
}

/** Whether the disk is full: the error says so itself, or one of its causes does. */
function isOutOfRoom(error: unknown): error is Error {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ((each as NodeJS.ErrnoException).code === 'ENOSPC') return true;
  }
  return false;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();
