/** Named pipes: the standard input of a container that others write to. */
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Makes one, for its owner alone. Rejects where that is not possible. */
export function makeNamedPipe(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('mkfifo', ['-m', '600', path], (error) => (error === null ? resolve() : reject(error)));
  });
}

/** Opens one to write to it. It is opened for reading too, so that this never waits for a reader. */
export function openNamedPipe(path: string): Writable {
  const file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return new Socket({ fd: file, readable: false, writable: true });
}

/** Keeps one open, so that what was written to it stays until its reader comes; answers how to let go of it. */
export function holdNamedPipe(path: string): () => void {
  const file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return () => closeSync(file);
}
