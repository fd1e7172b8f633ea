/** Why a runtime's socket does not answer, in words that say what to do. */
import { type Stats, statSync } from 'node:fs';

/** What the code of a failed connection (`ECONNREFUSED`, …) to the socket at `path` means; undefined for another code. */
export function socketTrouble(path: string, code: string | undefined): string | undefined {
  switch (code) {
    case 'ENOENT':
      return 'there is no such socket';
    case 'ECONNREFUSED':
      return refusalOf(path);
    case 'ENOTSOCK':
      return 'it is no socket';
    case 'EACCES':
      return 'this user may not use it, but root and the group of the socket may';
    default:
      return undefined;
  }
}

/** The kernel refuses a connection to what is no socket with the same word as to one that nobody listens on. */
function refusalOf(path: string): string {
  const found = lookedUp(path);
  if (found?.isDirectory())
    return 'it is a directory, as Docker makes one where a socket to be mounted is missing';
  return found === undefined || found.isSocket() ? 'nobody listens there' : 'it is no socket';
}

function lookedUp(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // It went meanwhile.
  }
}

/** Those of the paths at which a socket is, in their order; whether anybody answers is not asked. */
export function socketsAmong(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].filter((path) => lookedUp(path)?.isSocket() === true);
}
