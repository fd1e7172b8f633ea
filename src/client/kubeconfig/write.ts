/** Writes kubeconfigs: a file of our own, and a context in the user's file, of which everything else stays as it is. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Document } from 'yaml';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import type { ClusterAccess } from './access.ts';
import { fileProblem, KubeconfigError } from './kubeconfig-error.ts';
import { writeSecretFile } from './secret-file.ts';

/** What can be written: credentials as values, not as functions. */
export type WritableAccess = Omit<ClusterAccess, 'token'> & { readonly token?: string };

/** The lists of a kubeconfig in which a context leaves an entry. */
const LISTS = ['clusters', 'users', 'contexts'] as const;
type ListName = (typeof LISTS)[number];

/**
 * The user's kubeconfig, as kubectl finds it: of the files in `KUBECONFIG` the first that is there (none: the last),
 * without that variable `~/.kube/config`.
 */
export function userKubeconfig(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const last = named.at(-1);
  if (last === undefined) return join(env['HOME'] ?? homedir(), '.kube', 'config');
  return named.find((file) => existsSync(file)) ?? last;
}

/** Writes a kubeconfig with one context named `name` to `file`, mode 0600. @throws {KubeconfigError} */
export function writeKubeconfig(file: string, name: string, access: WritableAccess): void {
  const { clusters, users, contexts } = entriesOf(name, access);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [clusters],
    users: [users],
    contexts: [contexts],
    'current-context': name,
    preferences: {},
  };
  // JSON is YAML: no parser has to be loaded to start a server.
  writeSecretFile(file, `${JSON.stringify(config, undefined, 2)}\n`);
}

/**
 * Adds (or replaces) cluster, user and context `name` in the kubeconfig `file` and makes that context the current one.
 * Comments, order and everything else stay. @throws {KubeconfigError}
 */
export async function mergeIntoKubeconfig(file: string, name: string, access: WritableAccess): Promise<void> {
  await edit(file, (document) => {
    const entries = entriesOf(name, access);
    for (const list of LISTS) {
      const at = indexOf(document, list, name);
      if (at >= 0) document.setIn([list, at], document.createNode(entries[list]));
      else if (itemsOf(document, list).length > 0) document.addIn([list], document.createNode(entries[list]));
      else document.set(list, document.createNode([entries[list]]));
    }
    if (!document.has('apiVersion')) document.set('apiVersion', 'v1');
    if (!document.has('kind')) document.set('kind', 'Config');
    document.set('current-context', name);
    return true;
  });
}

/** Takes cluster, user and context `name` out of the kubeconfig `file`, if it is there. @throws {KubeconfigError} */
export async function removeFromKubeconfig(file: string, name: string): Promise<void> {
  if (!existsSync(file)) return;
  await edit(file, (document) => {
    let changed = false;
    for (const list of LISTS) {
      const at = indexOf(document, list, name);
      if (at < 0) continue;
      document.deleteIn([list, at]);
      changed = true;
    }
    if (document.get('current-context') === name) {
      document.set('current-context', '');
      changed = true;
    }
    return changed;
  });
}

/** Reads, changes and writes a kubeconfig under kubectl's own lock; `change` answers whether there is anything to write. */
async function edit(named: string, change: (document: Document) => boolean): Promise<void> {
  const { parseDocument } = await import('yaml');
  // A link is followed, so that what it points to is replaced and not the link.
  const file = existsSync(named) ? realpathSync(named) : named;
  withLock(file, () => {
    const document = parseDocument(readIfThere(file));
    const [error] = document.errors;
    if (error !== undefined) {
      throw new KubeconfigError(file, `it is no YAML: ${error.message.split('\n')[0]}; nothing was changed`);
    }
    if (document.contents === null) document.contents = document.createNode({}) as never;
    const content = document.toJS() as unknown;
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      throw new KubeconfigError(file, 'it is no kubeconfig; nothing was changed');
    }
    if (change(document)) writeSecretFile(file, document.toString({ lineWidth: 0 }));
  });
}

function withLock(file: string, work: () => void): void {
  const lock = `${file}.lock`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(lock, 'wx', 0o600));
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EEXIST') throw fileProblem(file, 'written', cause);
    throw new KubeconfigError(file, `another program is changing it; if none is, remove ${lock}`, { cause });
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return '';
    throw fileProblem(file, 'read', cause);
  }
}

function itemsOf(document: Document, list: string): readonly unknown[] {
  const items = (document.toJS() as Record<string, unknown>)[list];
  return Array.isArray(items) ? items : [];
}

function indexOf(document: Document, list: ListName, name: string): number {
  return itemsOf(document, list).findIndex((item) => (item as { name?: unknown } | null)?.name === name);
}

function entriesOf(name: string, access: WritableAccess): Record<ListName, object> {
  const { server, ca, cert, key, token, serverName, insecure, namespace } = access;
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const cluster = {
    server,
    ...(ca === undefined ? {} : { 'certificate-authority-data': base64(ca) }),
    ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
    ...(insecure ? { 'insecure-skip-tls-verify': true } : {}),
  };
  const user = {
    ...(cert === undefined ? {} : { 'client-certificate-data': base64(cert) }),
    ...(key === undefined ? {} : { 'client-key-data': base64(key) }),
    ...(token === undefined ? {} : { token }),
  };
  const context = { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) };
  return {
    clusters: { name, cluster },
    users: { name, user },
    contexts: { name, context },
  };
}
