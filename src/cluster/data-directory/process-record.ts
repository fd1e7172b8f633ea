/**
 * A file by which a process tells others of this machine that it runs. It is a hint, never a lock: it may be left over from
 * a process that was killed, whose pid another process has by now.
 */
import { readFileSync, rmSync } from 'node:fs';
import { identify, type ProcessIdentity } from '../../apimachinery/process-identity.ts';
import { replaceFileSync } from '../../apimachinery/replace-file.ts';

/** Writes the record of this process, and what else the file is to tell, in one step. */
export function writeRecord(file: string, besides: object = {}): void {
  const record = { ...identify(process.pid), ...besides };
  replaceFileSync(file, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

/** What stands in the file, whether or not its process still runs; undefined when nobody has written one, or not to its end. */
export function readRecord<Kind extends ProcessIdentity>(file: string): Kind | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kind;
  } catch {
    return undefined; // Nobody runs by it then, and the next process writes a new one.
  }
}

/** Removes the file if it is this process's own. */
export function removeRecord(file: string): void {
  if (readRecord(file)?.pid === process.pid) rmSync(file, { force: true });
}
