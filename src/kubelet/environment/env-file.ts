/** Variables that a container finds in a file of one of its pod's volumes (fileKeyRef, KEP-3721). */

/**
 * The value of a variable in a file of lines `NAME='value'`; empty when the file does not set it. A value may span lines and
 * is taken as it is written; comments begin with `#`.
 *
 * @throws {Error} for a file that is written otherwise.
 */
export function valueInEnvFile(text: string, key: string): string {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const begun = at + 1;
    const line = (lines[at] ?? '').replace(/\r$/, '').replace(/^[ \t]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const wrong = (what: string): Error =>
      new Error(`invalid environment variable format at line ${begun}: ${what}`);
    const [, name = '', rest] = /^([^=]*)=(.*)$/s.exec(line) ?? [];
    if (rest === undefined) throw wrong("missing '='");
    if (name.trim() === '') throw wrong('empty variable name');
    if (/[ \t]$/.test(name)) throw wrong("whitespace before '=' is not allowed");
    if (/^[ \t]/.test(rest)) {
      // As in a shell: the value is empty, and what follows is no part of it.
      if (name === key) return '';
      continue;
    }
    if (!rest.startsWith("'")) throw wrong('value must be enclosed in single quotes');
    let value = rest.slice(1);
    while (!value.includes("'")) {
      at += 1;
      if (at >= lines.length) {
        const where = `starting at line ${begun}`;
        throw new Error(`invalid environment variable format ${where}: unclosed single quote`);
      }
      value += `\n${(lines[at] ?? '').replace(/\r$/, '')}`;
    }
    const end = value.indexOf("'");
    if (!/^[ \t]*(#.*)?$/s.test(value.slice(end + 1))) throw wrong('unexpected content after closing quote');
    if (name === key) return value.slice(0, end);
  }
  return '';
}
