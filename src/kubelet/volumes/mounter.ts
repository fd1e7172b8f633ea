/** Mounts and unmounts file systems of the pod's own, by the system's `mount` and `umount`. Linux only. */
import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);
/** Milliseconds that a mount or unmount may take; they wait for no network here. */
const MOUNT_MS_MAX = 30_000;

/** Mounts a tmpfs of at most so many bytes (undefined: what the kernel allows) at a directory; one that is mounted stays. */
export async function mountTmpfs(directory: string, bytesMax: number | undefined): Promise<void> {
  if ((await mountsBelow(directory)).includes(await realpath(directory))) return;
  const options = bytesMax === undefined ? 'mode=0777' : `mode=0777,size=${bytesMax}`;
  await execute('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { timeout: MOUNT_MS_MAX });
}

/** Mounts huge pages of that size (`2Mi`) at a directory; what is mounted there stays. */
export async function mountHugePages(directory: string, pageSize: string): Promise<void> {
  if ((await mountsBelow(directory)).includes(await realpath(directory))) return;
  const options = ['-t', 'hugetlbfs', '-o', `pagesize=${pageSize}`, 'nodev', directory];
  await execute('mount', options, { timeout: MOUNT_MS_MAX });
}

/** Unmounts whatever is mounted at a directory or below it, the deepest first. */
export async function unmountAll(directory: string): Promise<void> {
  const places = (await mountsBelow(directory)).reverse();
  // A container that is only now ending may still hold one: it then vanishes with the container.
  if (places.length > 0) await execute('umount', ['--lazy', ...places], { timeout: MOUNT_MS_MAX });
}

/** Mount points at a directory or below it, outer ones first. */
async function mountsBelow(directory: string): Promise<string[]> {
  // The table has no links in its paths, a data directory may.
  const real = await realpath(directory).catch(() => directory);
  const table = await readFile('/proc/self/mounts', 'utf8').catch(() => ''); // No such file but on Linux.
  return table
    .split('\n')
    .map((line) =>
      (line.split(' ')[1] ?? '').replaceAll(/\\(\d{3})/g, (_, octal: string) => octalText(octal)),
    )
    .filter((place) => place === real || place.startsWith(`${real}/`));
}

function octalText(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}
