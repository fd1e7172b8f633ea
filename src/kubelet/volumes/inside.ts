/** Paths inside a volume, which its pod may have filled with links. */
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Where a path below a directory really is; undefined when links lead it outside, or there is nothing. */
export async function pathInside(directory: string, below: string): Promise<string | undefined> {
  try {
    const [root, real] = await Promise.all([realpath(directory), realpath(join(directory, below))]);
    return real === root || real.startsWith(root + sep) ? real : undefined;
  } catch {
    return undefined;
  }
}
