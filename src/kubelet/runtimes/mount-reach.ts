/**
 * Whether an engine sees what this process mounts. In a container beside its host's engine it may not: containers then find the
 * empty directory that the mount was made on.
 */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Flag of a socket that listens, in /proc/net/unix (SO_ACCEPTCON). */
const LISTENING = 0x10000;

/**
 * Whether what this process mounts below that directory is seen by who listens on that socket: the directory lies on a mount that
 * passes on what is mounted below it, or both see the same mounts anyway. True for who mounts nothing: only root on Linux does.
 *
 * @param endpoint path of the socket, with or without `unix://`.
 */
export function seesMountsBelow(directory: string, endpoint: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return true;
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  return isShared(mounts, realpathSync(directory)) || isServedAmongOwnMounts(withoutScheme(endpoint));
}

/** What a user is told of an engine that does not. */
export function unseenMounts(engine: string): string {
  return `${engine} does not see what this server mounts: Secrets and tokens of pods are kept on disk and not in memory, and pods with an emptyDir in memory wait. Run both where they see the same mounts, or share the data directory with propagation (docker run --volume DIRECTORY:DIRECTORY:rshared).`;
}

const withoutScheme = (endpoint: string): string => endpoint.replace(/^unix:(\/\/)?/, '');

/** Whether the mount that a path lies on is in a peer group, by the text of mountinfo (proc_pid_mountinfo(5)). */
export function isShared(mountinfo: string, path: string): boolean {
  let best = '';
  let shared = false;
  for (const line of mountinfo.split('\n')) {
    const [, , , , place = '', , ...rest] = line.split(' ');
    const mount = place.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const isAbove = mount === '/' || path === mount || path.startsWith(`${mount}/`);
    // Of two on the same place the later one is seen.
    if (place === '' || !isAbove || mount.length < best.length) continue;
    best = mount;
    shared = rest.slice(0, rest.indexOf('-')).some((field) => field.startsWith('shared:'));
  }
  return shared;
}

/** Whether a process that sees the same mounts as this one holds the socket that listens there. */
function isServedAmongOwnMounts(path: string): boolean {
  const inodes = listenersAt(path);
  if (inodes.size === 0) return false; // Served in another network namespace, or from another machine.
  const own = readlinkSync('/proc/self/ns/mnt');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/ns/mnt`) === own && holdsSocket(pid, inodes);
      } catch {
        return false; // It has ended, or is not for this user to look at: then so are its mounts.
      }
    });
}

function listenersAt(path: string): ReadonlySet<string> {
  const wanted = withRealDirectory(path);
  const found = new Set<string>();
  for (const line of readFileSync('/proc/net/unix', 'utf8').split('\n')) {
    const [, flags = '', inode = '', place = ''] =
      /^\S+: \S+ \S+ (\S+) \S+ \S+ +(\d+) (\/.*)$/.exec(line) ?? [];
    const listens = (Number.parseInt(flags, 16) & LISTENING) !== 0;
    if (listens && withRealDirectory(place) === wanted) found.add(`socket:[${inode}]`);
  }
  return found;
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false; // It was closed meanwhile.
    }
  });
}

/** A socket is known by the path that it was made at, which may lead through links (`/var/run`). */
function withRealDirectory(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path; // Not to be seen from here.
  }
}
