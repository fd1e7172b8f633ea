/** Gives a volume to a group, for pods with fsGroup. Source: PodSecurityContext.fsGroup and fsGroupChangePolicy. */
import { chmod, chown, lchown, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the group may do with files, and with directories: these pass the group on to what is made in them (setgid). */
const MODES = {
  read: { file: 0o440, directory: 0o2550 },
  write: { file: 0o660, directory: 0o2770 },
} as const;

/**
 * Everything below becomes the group's, and new files in its directories too.
 *
 * @param access what the group is given beyond the modes that are there: volumes made from the API are read only.
 */
export async function giveToGroup(path: string, group: number, access: keyof typeof MODES): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) {
    await lchown(path, found.uid, group);
    return;
  }
  // The directory itself comes last: when it is the group's, all below it is.
  if (found.isDirectory())
    for (const entry of await readdir(path)) await giveToGroup(join(path, entry), group, access);
  await chown(path, found.uid, group);
  const { file, directory } = MODES[access];
  await chmod(path, (found.mode & 0o7777) | (found.isDirectory() ? directory : file));
}

/** Whether a directory is the group's already, so that what is below it can be left as it is (OnRootMismatch). */
export async function isGivenToGroup(
  path: string,
  group: number,
  access: keyof typeof MODES,
): Promise<boolean> {
  const found = await stat(path);
  const { directory } = MODES[access];
  return found.isDirectory() && found.gid === group && (found.mode & directory) === directory;
}
