/** The directories of this machine that volumes are made of. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VolumeDirectories } from '../controllers/local-path/index.ts';

/** Directories under `root`, which is made when the first of them is. */
export function volumeDirectories(root: string): VolumeDirectories {
  return {
    async make(name) {
      const path = join(root, name);
      await mkdir(path, { recursive: true });
      // Pods run as whichever user they like; who may come here at all, the directory above decides.
      await chmod(path, 0o777);
      return path;
    },
    remove: (name) => removeDirectory(join(root, name)),
  };
}

/** Removes a directory with all that it holds; content when it is not there. */
export async function removeDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
