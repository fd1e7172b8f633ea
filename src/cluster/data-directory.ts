/**
 * Where a server keeps its data, and how others find the one that is running: `server.json` beside the store names the
 * process and its address. The file is a hint, never a lock: the store's own lock decides who may open the directory.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UserError } from './user-error.ts';

/** The places inside a data directory. */
export interface DataDirectory {
  readonly root: string;
  /** The store's directory. */
  readonly store: string;
  /** Keys and certificates. */
  readonly pki: string;
  /** The audit log's directory. */
  readonly audit: string;
  /** The keys that encrypt Secrets in the store. */
  readonly secretsKey: string;
  /** The node agent's directory: volumes, logs, runtime records. */
  readonly kubelet: string;
  /** Directories that claims of the class `local-path` were given; they outlive pods. */
  readonly volumes: string;
  /** The administrator's kubeconfig. */
  readonly kubeconfig: string;
}

/** A process, so that another one that has its pid later is told apart. */
export interface ProcessRecord {
  readonly pid: number;
  /** Start of the process as the kernel counts it; absent where it cannot be read. */
  readonly startTicks?: string;
}

/** What a running server says of itself. */
export interface ServerRecord extends ProcessRecord {
  readonly url: string;
  /** The same for other machines. */
  readonly joinUrl?: string;
  readonly kubeconfig: string;
  readonly runtime: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

/** `$XDG_DATA_HOME/longshore`, or `~/.local/share/longshore` (XDG Base Directory Specification). */
export function defaultDataDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment['XDG_DATA_HOME'];
  return join(base?.startsWith('/') ? base : join(homedir(), '.local', 'share'), 'longshore');
}

/** Creates the directory (0700, the user's own) where it is missing and answers its places. */
export function openDataDirectory(path: string): DataDirectory {
  const root = resolve(path);
  const places: DataDirectory = {
    root,
    store: join(root, 'store'),
    pki: join(root, 'pki'),
    audit: join(root, 'audit'),
    secretsKey: join(root, 'secrets.key'),
    kubelet: join(root, 'kubelet'),
    volumes: join(root, 'volumes'),
    kubeconfig: join(root, 'kubeconfig'),
  };
  try {
    for (const directory of [root, places.store, places.pki, places.kubelet]) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    }
    chmodSync(root, 0o700);
  } catch (error) {
    const why = whyNot(root, error);
    throw new UserError(`cannot use the data directory ${root}: ${why}; choose another with --data-dir`, {
      cause: error,
    });
  }
  return places;
}

/** Of a read-only disk Node.js says that a directory is not there when it is to be made with those above it. */
function whyNot(root: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  if (!why.startsWith('ENOENT')) return why;
  try {
    mkdirSync(root);
  } catch (again) {
    if (again instanceof Error && 'code' in again && again.code !== 'EEXIST') return again.message;
  }
  return why;
}

const recordPath = (root: string): string => join(root, 'server.json');

/** Writes the record of this process, in one step. */
export function writeServerRecord(root: string, record: Omit<ServerRecord, 'pid' | 'startTicks'>): void {
  const full: ServerRecord = { ...recordOfThisProcess(), ...record };
  const partial = `${recordPath(root)}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(full, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, recordPath(root));
}

/** What tells this process apart from all others of this machine. */
export function recordOfThisProcess(): ProcessRecord {
  const startTicks = startTicksOf(process.pid);
  return { pid: process.pid, ...(startTicks === undefined ? {} : { startTicks }) };
}

/** Removes the record if it is this process's own. */
export function removeServerRecord(root: string): void {
  if (readRecord(root)?.pid === process.pid) rmSync(recordPath(root), { force: true });
}

/** The record of the server that runs on that directory now; undefined when none does. */
export function runningServer(root: string): ServerRecord | undefined {
  const record = readRecord(resolve(root));
  return record !== undefined && isAlive(record) ? record : undefined;
}

/** Whether the process that wrote the record is still the one with its pid. */
export function isAlive(record: ProcessRecord): boolean {
  try {
    process.kill(record.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return record.startTicks === undefined || startTicksOf(record.pid) === record.startTicks;
}

function readRecord(root: string): ServerRecord | undefined {
  if (!existsSync(recordPath(root))) return undefined;
  try {
    return JSON.parse(readFileSync(recordPath(root), 'utf8')) as ServerRecord;
  } catch {
    return undefined; // A record that cannot be read tells nothing, and the next server writes a new one.
  }
}

/** Field 22 of /proc/PID/stat: clock ticks between the machine's start and the process's. A zombie counts as gone. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined; // No such process, or no /proc on this system.
  }
}
