import { messageOf } from '../../apimachinery/thrown.ts';
import { StorageError } from '../storage.ts';

/** SQLite's primary result codes that we tell apart (https://www.sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** The primary result code of an error that SQLite threw; undefined for any other value. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

/** Whether there is no room: on the disk, or below the file's own limit. */
export const isFull = (error: unknown): boolean => resultCode(error) === SQLITE_FULL;

/** The refusal for whatever went wrong with the files in `directory`: says what to do about it. */
export function toStorageError(error: unknown, directory: string): StorageError {
  if (error instanceof StorageError) return error;
  const why = messageOf(error);
  return new StorageError('unavailable', `${explain(resultCode(error), directory)} (${why})`, {
    cause: error,
  });
}

function explain(code: number | undefined, directory: string): string {
  switch (code) {
    case SQLITE_BUSY:
      return `the store in ${directory} is in use by another server: stop that one, or choose another directory`;
    case SQLITE_READONLY:
      return `the store in ${directory} cannot be written: make its files writable for this user`;
    case SQLITE_IOERR:
      return `the disk of the store in ${directory} fails or has become read-only: see to it, and start the server again`;
    case SQLITE_FULL:
      return `no room for the store in ${directory}: free disk space, and writes are accepted again`;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damaged(directory);
    default:
      return `the store in ${directory} cannot be used`;
  }
}

/** What is said of a file that is not as it was written. */
export function damaged(directory: string): string {
  return `the store in ${directory} is damaged: restore it from a copy, or move it away to begin anew`;
}
