/** Gives a volume to a group, for pods with fsGroup. Source: PodSecurityContext.fsGroup. */
import { chmod, chown, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything below becomes the group's, readable and writable for it, and new files in its directories too. */
export async function giveToGroup(path: string, group: number): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) {
    await lchown(path, found.uid, group);
    return;
  }
  await chown(path, found.uid, group);
  // Directories pass the group on to what is made in them (setgid) and can be entered by it.
  await chmod(path, (found.mode & 0o7777) | (found.isDirectory() ? 0o2770 : 0o660));
  if (found.isDirectory())
    for (const entry of await readdir(path)) await giveToGroup(join(path, entry), group);
}
