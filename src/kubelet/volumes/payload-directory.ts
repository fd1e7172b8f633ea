/**
 * Shows a payload as a directory whose files change all at once: each name is a link through `..data`, a link to the
 * directory of the current version. The names `..data` and `..<version>` are those of Kubernetes, on which programs rely
 * that watch their configuration.
 */
import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Payload } from './payload.ts';

const CURRENT = '..data';

/**
 * Makes the directory show exactly that payload; answers whether it changed.
 *
 * @param stamp names the new version: any text that no version of this directory had before.
 */
export async function showPayload(directory: string, payload: Payload, stamp: string): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const before = await currentVersion(directory);
  if (before !== undefined && (await isSame(join(directory, before), payload))) return false;
  const version = `..${stamp}`;
  await rm(join(directory, version), { recursive: true, force: true });
  await mkdir(join(directory, version), { mode: 0o755 });
  for (const [path, { bytes, mode, owner }] of payload) {
    const file = join(directory, version, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, bytes, { mode: 0o600 });
    // Exactly the mode that was asked for, whatever this process's umask is.
    await chmod(file, mode);
    if (owner !== undefined) await chown(file, owner, -1);
  }
  const next = join(directory, `${CURRENT}_tmp`);
  await rm(next, { force: true });
  await symlink(version, next);
  await rename(next, join(directory, CURRENT));
  await linkNames(directory, payload);
  if (before !== undefined) await rm(join(directory, before), { recursive: true, force: true });
  return true;
}

async function currentVersion(directory: string): Promise<string | undefined> {
  try {
    return await readlink(join(directory, CURRENT));
  } catch {
    return undefined; // Nothing was shown yet.
  }
}

async function isSame(version: string, payload: Payload): Promise<boolean> {
  try {
    const entries = await readdir(version, { recursive: true, withFileTypes: true });
    if (entries.filter((entry) => entry.isFile()).length !== payload.size) return false;
    for (const [path, { bytes }] of payload) {
      if (!bytes.equals(await readFile(join(version, path)))) return false;
    }
    return true;
  } catch {
    return false; // A version that cannot be read is replaced.
  }
}

async function linkNames(directory: string, payload: Payload): Promise<void> {
  const names = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? path));
  for (const entry of await readdir(directory)) {
    if (entry.startsWith('..')) continue;
    if (!names.delete(entry)) await rm(join(directory, entry), { recursive: true, force: true });
  }
  for (const name of names) await symlink(join(CURRENT, name), join(directory, name));
}
