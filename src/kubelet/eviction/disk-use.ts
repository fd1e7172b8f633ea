/** How many bytes the files of a pod take. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a block as `stat` counts them. */
const STAT_BLOCK_BYTES = 512;

/** Bytes that everything below a path takes on disk; what vanishes meanwhile counts nothing. */
export async function bytesBelow(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return 0;
  let sum = found.blocks * STAT_BLOCK_BYTES;
  if (!found.isDirectory()) return sum;
  for (const name of await readdir(path).catch(() => [])) sum += await bytesBelow(join(path, name));
  return sum;
}
