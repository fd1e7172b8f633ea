/** Where a server, or a node agent, keeps its data: the directory and the places inside it. */
import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf } from '../../apimachinery/thrown.ts';
import { UserError } from '../user-error.ts';

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
  const why = messageOf(error);
  if (!why.startsWith('ENOENT')) return why;
  try {
    mkdirSync(root);
  } catch (again) {
    if (again instanceof Error && 'code' in again && again.code !== 'EEXIST') return again.message;
  }
  return why;
}
