/**
 * The keys with which Secrets are encrypted in the store: a file of the data directory (0600), one key a line in base64.
 * The first encrypts; those below it open what was encrypted before, until the store has been written anew.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFileSync } from '../../apimachinery/replace-file.ts';
import { SECRET_BYTES } from '../../storage/index.ts';
import { UserError } from '../user-error.ts';

/** One key or several, the one that encrypts first. */
export type SecretsKeys = readonly [Buffer, ...Buffer[]];

/**
 * The keys of the file, which is made with a new one when it is missing. With `rotate` a new key comes first; the old ones
 * stay until {@link dropOldKeys}.
 *
 * @throws {UserError} for a file that holds something else.
 */
export function secretsKeys(file: string, rotate: boolean): SecretsKeys {
  const known = existsSync(file) ? read(file) : undefined;
  if (known !== undefined && !rotate) return known;
  const keys: SecretsKeys = [randomBytes(SECRET_BYTES), ...(known ?? [])];
  write(file, keys);
  return keys;
}

/** Forgets all keys but the first, once nothing is encrypted with them any more. */
export function dropOldKeys(file: string, keys: SecretsKeys): void {
  if (keys.length > 1) write(file, [keys[0]]);
}

function read(file: string): SecretsKeys {
  chmodSync(file, 0o600);
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [first, ...others] = lines.map((line) => Buffer.from(line, 'base64'));
  if (first === undefined || [first, ...others].some((each) => each.length !== SECRET_BYTES)) {
    throw new UserError(
      `${file} does not hold keys of ${SECRET_BYTES} bytes in base64, one a line: put back the copy of that file that belongs to this data directory`,
    );
  }
  return [first, ...others];
}

/** In one step, and on the disk before it returns: what is encrypted with a lost key is lost. */
function write(file: string, keys: SecretsKeys): void {
  const text = `${keys.map((each) => each.toString('base64')).join('\n')}\n`;
  replaceFileSync(file, text, { mode: 0o600, flush: true });
  const directory = openSync(dirname(file), 'r');
  fsyncSync(directory);
  closeSync(directory);
}
