/**
 * Keeps containers' logs from filling the disk: a file that has grown too large is set aside, the ones set aside before it are
 * compressed, and the oldest are removed. Source: the kubelet's container log manager.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** How a compressed log ends, and one that is not whole yet. */
const COMPRESSED = '.gz';
const UNFINISHED = '.tmp';

/** How much of a container's log is kept. */
export interface LogLimits {
  /** Bytes from which on a log is set aside. */
  readonly bytesMax: number;
  /** Files of one container that are kept, the current one included; at least two. */
  readonly filesMax: number;
}

/** When a log is set aside, and how its writer begins the next. */
export interface Rotation extends LogLimits {
  /** Sorts after the stamps of earlier rotations, such as `20260101-000000`. */
  readonly stamp: string;
  /** Has whoever writes the log begin a new file under its name. */
  readonly reopen: () => Promise<void>;
}

/**
 * Sets the log aside when it is too large, as `<name>.<stamp>`, for those who read it to read on; the next rotation compresses it
 * to `<name>.<stamp>.gz`. Rejects when the writer cannot begin a new file: the log then is where it was.
 */
export async function rotateLog(
  path: string,
  { bytesMax, filesMax, stamp, reopen }: Rotation,
): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    // A node agent that was killed may have set it aside and not come to more: what is written goes to that file still.
    await reopen();
    return;
  }
  if (found.size < bytesMax) return;
  // Beside these there will be the one that is set aside now, and the new one.
  await tidy(path, Math.max(0, filesMax - 2));
  const aside = `${path}.${stamp}`;
  await rename(path, aside);
  try {
    await reopen();
  } catch (error) {
    await rename(aside, path);
    throw error;
  }
}

/** Of the logs set aside, removes all but the newest so many, and compresses those. */
async function tidy(path: string, keptMax: number): Promise<void> {
  const directory = dirname(path);
  const prefix = `${basename(path)}.`;
  const all = (await readdir(directory)).filter((name) => name.startsWith(prefix)).sort();
  const isLeftOver = (name: string): boolean =>
    name.endsWith(UNFINISHED) || all.includes(`${name}${COMPRESSED}`);
  const whole = all.filter((name) => !isLeftOver(name));
  const kept = whole.slice(Math.max(0, whole.length - keptMax));
  for (const name of all) if (!kept.includes(name)) await rm(join(directory, name), { force: true });
  for (const name of kept) if (!name.endsWith(COMPRESSED)) await compress(join(directory, name));
}

/** Under its final name it is whole, whenever the node agent is killed. */
async function compress(path: string): Promise<void> {
  const unfinished = `${path}${UNFINISHED}`;
  const { mode } = await stat(path);
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(unfinished, { mode }));
    await rename(unfinished, `${path}${COMPRESSED}`);
  } finally {
    await rm(unfinished, { force: true });
  }
  await rm(path, { force: true });
}
