/**
 * Something that the person at the terminal can mend: its message is shown as one line on stderr, with exit code 2 and
 * no stack, so it says what went wrong and what to do about it.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
