/** The directories that volumes are made of: on this machine, and through their agents on others. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { VolumeDirectories } from '../../controllers/local-path/index.ts';

/** Those of one machine. */
export interface OwnDirectories {
  /** See {@link VolumeDirectories}. */
  make(name: string): Promise<string>;
  /** See {@link VolumeDirectories}. */
  remove(name: string): Promise<void>;
}

/** Those nodes' directories are here, all others are asked for. */
export function directoriesOf(
  nodes: readonly string[],
  here: OwnDirectories,
  elsewhere: VolumeDirectories,
): VolumeDirectories {
  return {
    make: (node, name) => (nodes.includes(node) ? here.make(name) : elsewhere.make(node, name)),
    remove: (node, name) => (nodes.includes(node) ? here.remove(name) : elsewhere.remove(node, name)),
  };
}

/** Directories under `root`, which is made when the first of them is. */
export function volumeDirectories(root: string): OwnDirectories {
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
