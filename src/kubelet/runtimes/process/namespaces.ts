/**
 * Namespaces of Linux for a container's process: volumes at the paths that the pod asks for, processes of its own, its user. Made by
 * util-linux's programs, where this process is root; nothing of it is seen outside, or stays.
 */
import { execFile } from 'node:child_process';
import { existsSync, readlinkSync, statSync } from 'node:fs';
import type { LinuxSecurity } from '../container.ts';

/** Where the programs are, which a container's own PATH does not have to name. */
const SYSTEM_PATH = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];

/**
 * $0 is the container's directory, $1 the mount namespace of this machine, $2 the program that mounts, $3 where the command begins,
 * $4 its root if not the machine's, and the rest the command. What cannot be bound of what was there before (it may just have gone)
 * is left out; a volume that cannot be shown is the end. The directory is the working one meanwhile, for a volume may hide it. The
 * variables are none that a pod's environment is likely to have, for it would find them changed.
 */
const SET_UP = `
[ "$(readlink /proc/self/ns/mnt)" != "$1" ] || exit 128
ls_mount="$2"; ls_begin="$3"; ls_root="$4"; shift 4
cd "$0" || exit 128
[ ! -s entries ] || "$ls_mount" --all --fstab ./entries 2>/dev/null
[ ! -s volumes ] || "$ls_mount" --all --fstab ./volumes 2>failed.new || {
  mv failed.new failed; exit 128
}
`;

/**
 * Goes where the command begins, now that all is mounted, tells the pid, and becomes the command. In this order, for whatever is run
 * beside it begins where this process is by then.
 */
const BEGIN = `
exec 7<.
[ "$ls_root" != "" ] || cd "$ls_begin" || exit 128
echo "$ls_pid" >/proc/self/fd/7/pid.new && mv /proc/self/fd/7/pid.new /proc/self/fd/7/pid || exit 128
exec 7<&-
unset OLDPWD
exec "$@"
`;

const SHARED_PROCESSES = `${SET_UP}
ls_pid=$$
${BEGIN}`;
/**
 * This shell is the first process of the namespace: with it, all others end. The command has another pid outside, which is read
 * from a file that was opened before /proc was its own. What this shell says of how the command ended is not for the container's log.
 */
const OWN_PROCESSES = `
exec 9</proc
"$2" -t proc proc /proc
${SET_UP}
exec 8>&2 2>/dev/null
(exec 2>&8 8>&-; exec sh -c '
ls_begin="$1"; ls_root="$2"; shift 2
read -r ls_pid ls_rest </proc/self/fd/9/self/stat; exec 9<&-
${BEGIN}' "$0" "$ls_begin" "$ls_root" "$@")
exit $?
`;

/** The programs of util-linux that it takes, by their paths. */
export interface NamespacePrograms {
  readonly unshare: string;
  readonly nsenter: string;
  readonly setpriv: string;
  readonly mount: string;
}

/** How a container sees the machine. */
export interface ContainerView {
  readonly programs: NamespacePrograms;
  /** Directory that it takes for `/`; empty: the machine's. */
  readonly root: string;
  /** Whether its processes are its own, and end with its first. */
  readonly ownProcesses: boolean;
}

/** The programs, when namespaces can be made with them here; else undefined. */
export async function findNamespaces(): Promise<NamespacePrograms | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const find = (name: string): string =>
    SYSTEM_PATH.map((directory) => `${directory}/${name}`).find((path) => existsSync(path)) ?? '';
  const [unshare, nsenter, setpriv, mount] = ['unshare', 'nsenter', 'setpriv', 'mount'].map(find);
  if (!unshare || !nsenter || !setpriv || !mount) return undefined;
  const able = await new Promise<boolean>((resolve) => {
    const tried = ['--', mount, '-t', 'proc', 'proc', '/proc'];
    execFile(unshare, [...unshareOptions(true), ...tried], (error) => resolve(error === null));
  });
  return able ? { unshare, nsenter, setpriv, mount } : undefined;
}

function unshareOptions(ownProcesses: boolean): readonly string[] {
  const own = ownProcesses ? ['--pid', '--fork', '--kill-child=SIGKILL'] : [];
  return ['--mount', '--propagation', 'private', ...own];
}

/** The command line that runs a command in namespaces of its own, laid out by `layOut` in that directory. */
export function inNamespaces(
  command: readonly string[],
  around: {
    readonly directory: string;
    readonly view: ContainerView;
    /** As the container sees it. */
    readonly workingDirectory: string;
    readonly security: LinuxSecurity;
  },
): readonly string[] {
  const { directory, view, workingDirectory, security } = around;
  const { unshare, mount } = view.programs;
  // A shell believes PWD as long as it leads to where it is, which the directory's other name does too.
  const rooted =
    view.root === ''
      ? []
      : [
          unshare,
          `--root=${view.root}`,
          `--wd=${workingDirectory}`,
          '--',
          '/usr/bin/env',
          `PWD=${workingDirectory}`,
        ];
  return [
    unshare,
    ...unshareOptions(view.ownProcesses),
    '--',
    '/bin/sh',
    '-c',
    view.ownProcesses ? OWN_PROCESSES : SHARED_PROCESSES,
    directory,
    readlinkSync('/proc/self/ns/mnt'),
    mount,
    workingDirectory,
    view.root,
    ...rooted,
    ...asUser(view.programs, security),
    ...command,
  ];
}

/**
 * Whether that process, which has told its pid, has come to its root: a command that is run beside it before would see the whole
 * machine.
 */
export function isAtItsRoot(pid: number, { root }: ContainerView): boolean {
  if (root === '') return true;
  try {
    const [own, wanted] = [statSync(`/proc/${pid}/root/`), statSync(root)];
    return own.dev === wanted.dev && own.ino === wanted.ino;
  } catch {
    return false; // It has ended meanwhile.
  }
}

/** The command line that runs a command beside that process, as its user. */
export function besideProcess(
  command: readonly string[],
  pid: number,
  { programs, root, ownProcesses }: ContainerView,
  security: LinuxSecurity,
): readonly string[] {
  const own = ownProcesses ? ['--pid'] : [];
  const rooted = root === '' ? [] : ['--root'];
  return [
    programs.nsenter,
    `--target=${pid}`,
    '--mount',
    ...own,
    ...rooted,
    '--wd',
    '--',
    ...asUser(programs, security),
    ...command,
  ];
}

/**
 * Becomes the user and the groups that the pod asks for. A user without a group gets the group of the same number: the machine's group of
 * root would be more than was asked for.
 */
function asUser({ setpriv }: NamespacePrograms, security: LinuxSecurity): readonly string[] {
  const { runAsUser, runAsGroup = runAsUser, supplementalGroups, noNewPrivileges } = security;
  const options: string[] = [];
  if (runAsGroup !== undefined) options.push(`--regid=${runAsGroup}`);
  if (runAsUser !== undefined) options.push(`--reuid=${runAsUser}`);
  if (supplementalGroups.length > 0) options.push(`--groups=${supplementalGroups.join(',')}`);
  else if (runAsGroup !== undefined) options.push('--clear-groups');
  if (noNewPrivileges) options.push('--no-new-privs');
  return options.length === 0 ? [] : [setpriv, ...options, '--'];
}
