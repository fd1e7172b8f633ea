/** What a caught value says. Anything can be thrown, so that what is caught has to be asked. */

/** Its message; what is no Error is shown as a text. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The code of a call that failed, of the system or of Node.js (`ENOENT`); undefined for whatever else was thrown. */
export function systemCodeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}
