/** Keeps containers' logs from filling the disk: a file that has grown too large is set aside, and the oldest are removed. */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How much of a container's log is kept. */
export interface LogLimits {
  /** Bytes from which on a log is set aside. */
  readonly bytesMax: number;
  /** Files of one container that are kept, the current one included. */
  readonly filesMax: number;
}

/**
 * Sets the log aside when it is too large, as `<name>.<stamp>`; answers whether it did. The writer must then begin a new
 * file: a runtime is told to by `reopenContainerLog`.
 *
 * @param stamp sorts after the stamps of earlier rotations, such as `20260101-000000`.
 */
export async function rotateLog(
  path: string,
  stamp: string,
  { bytesMax, filesMax }: LogLimits,
): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size < bytesMax) return false;
  await rename(path, `${path}.${stamp}`);
  const prefix = `${basename(path)}.`;
  const aside = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix)).sort();
  for (const name of aside.slice(0, Math.max(0, aside.length - (filesMax - 1)))) {
    await rm(join(dirname(path), name), { force: true });
  }
  return true;
}
