/**
 * Lays out what a container sees: volumes at the paths that the pod asks for, and the machine's files elsewhere. A path that the machine
 * does not have is made in a copy of the directory that it would be in: an empty one, in which every entry of the original is bound. So
 * the machine's own directories stay as they are.
 *
 * Example: `/data` is mounted where the machine has no `/data`. The copy holds `bin`, `etc`, …, each bound to the original, and
 * `data`; it becomes the container's root. With `/var/run/secrets/x` missing, the copy is one of `/run`, and is mounted over it.
 */
import {
  chmodSync,
  type Dirent,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import type { Mount } from '../container.ts';
import { RuntimeError } from '../runtime-error.ts';

/** Entries of a directory that is copied; each is a mount of the kernel's, of which it bears a hundred thousand. */
const ENTRIES_MAX = 2_000;

/** What {@link layOut} made. */
export interface Layout {
  /** Directory that the container takes for `/`; empty: the machine's. */
  readonly root: string;
}

/**
 * Writes the mounts into `entries` and `volumes` of the container's directory, in the form of fstab(5), for its own namespace. What the node
 * agent adds by itself has no name, and is not shown.
 *
 * @throws {RuntimeError} where the machine has something else at the path of a volume.
 */
export function layOut(directory: string, mounts: readonly Mount[]): Layout {
  const shown = mounts.filter(({ name }) => name !== '').toSorted((a, b) => depth(a) - depth(b));
  const copies = new Map<string, Copy>();
  const placed: Mount[] = [];
  const targets = new Map<Mount, string>();
  for (const mount of shown) {
    const path = clean(mount.containerPath);
    const kind = isDirectory(mount.hostPath) ? 'directory' : 'file';
    const outer = placed.findLast((each) => isBelow(path, clean(each.containerPath)));
    if (outer !== undefined) {
      make(join(outer.hostPath, relative(clean(outer.containerPath), path)), kind);
      targets.set(mount, join(targets.get(outer) ?? '', relative(clean(outer.containerPath), path)));
    } else targets.set(mount, placeOf(path, kind, directory, copies));
    placed.push(mount);
  }
  const root = copies.get('/')?.path ?? '';
  const entries: string[] = [];
  for (const [original, { path, bound }] of [...copies].toSorted(([a], [b]) => a.length - b.length)) {
    for (const name of bound) entries.push(bind(join(original, name), join(path, name)));
    if (original !== '/') entries.push(bind(path, `${root}${original}`));
  }
  const volumes = shown.map((mount) =>
    bind(mount.hostPath, `${root}${targets.get(mount) ?? ''}`, mount.readonly),
  );
  write(join(directory, 'entries'), entries);
  write(join(directory, 'volumes'), volumes);
  return { root };
}

/** Where that path of a container is on this machine, if it lies in a volume; else undefined. */
export function pathInVolume(path: string, mounts: readonly Mount[]): string | undefined {
  const [best] = mounts
    .filter(({ name, containerPath }) => name !== '' && isBelow(clean(path), clean(containerPath)))
    .toSorted((a, b) => depth(b) - depth(a));
  return best === undefined
    ? undefined
    : join(best.hostPath, relative(clean(best.containerPath), clean(path)));
}

interface Copy {
  readonly path: string;
  /** Names of entries that are bound to the original's. */
  readonly bound: readonly string[];
}

/** The path at which a volume can be mounted, which is made in a copy where the machine does not have it. */
function placeOf(
  path: string,
  kind: 'directory' | 'file',
  directory: string,
  copies: Map<string, Copy>,
): string {
  if (path === '/') throw new RuntimeError('Unsupported', 'a volume cannot be mounted at / of a process');
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    if (found.isDirectory() === (kind === 'directory')) return realpathSync(path);
    const what = found.isDirectory() ? 'a directory' : 'a file';
    throw new RuntimeError('Failed', `${path} is ${what} of this machine, and the volume is none`);
  }
  let above = dirname(path);
  while (statSync(above, { throwIfNoEntry: false }) === undefined) above = dirname(above);
  const original = realpathSync(above);
  const rest = relative(above, path);
  let copy = copies.get(original);
  if (copy === undefined) {
    copy = copyOf(original, join(directory, `copy-${copies.size}`), directory);
    copies.set(original, copy);
  }
  make(join(copy.path, rest), kind);
  return join(original, rest);
}

function copyOf(original: string, path: string, directory: string): Copy {
  const found = readdirSync(original, { withFileTypes: true });
  if (found.length > ENTRIES_MAX) {
    const why = `${original} of this machine has more than ${ENTRIES_MAX} entries`;
    throw new RuntimeError('Unsupported', `no path can be made in a process's view of the machine: ${why}`);
  }
  mkdirSync(path);
  chmodSync(path, statSync(original).mode & 0o7777);
  const bound = found.filter((entry) => copyEntry(original, entry, path)).map(({ name }) => name);
  // The directory that holds the copy goes first: bound later, it would show the other entries once more.
  const holds = (name: string): number => Number(isBelow(directory, join(original, name)));
  return { path, bound: bound.toSorted((a, b) => holds(b) - holds(a)) };
}

/** Answers whether the entry has to be bound. */
function copyEntry(original: string, entry: Dirent, path: string): boolean {
  const place = join(path, entry.name);
  if (entry.isSymbolicLink()) {
    symlinkSync(readlinkSync(join(original, entry.name)), place);
    return false;
  }
  if (entry.isDirectory()) mkdirSync(place);
  else writeFileSync(place, '');
  return true;
}

function make(path: string, kind: 'directory' | 'file'): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(kind === 'directory' ? path : dirname(path), { recursive: true, mode: 0o755 });
  if (kind === 'file') writeFileSync(path, '');
}

function bind(from: string, to: string, readonly = false): string {
  return `${escaped(from)} ${escaped(to)} none ${readonly ? 'rbind,ro' : 'rbind'} 0 0`;
}

/** As fstab(5) has spaces and the like in a path. */
function escaped(path: string): string {
  return path.replaceAll(/[\s\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function write(file: string, lines: readonly string[]): void {
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
}

const clean = (path: string): string => normalize(`/${path}`).replace(/(.)\/$/, '$1');
const depth = ({ containerPath }: Mount): number => clean(containerPath).split('/').length;
const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function isBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(above === '/' ? '/' : `${above}/`);
}
