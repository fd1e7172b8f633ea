/** What a kubeconfig's context amounts to: where the server is and who one is there. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Clock } from '../../apimachinery/clock.ts';
import { fileProblem, KubeconfigError } from './kubeconfig-error.ts';

/** Milliseconds for which a token read from a file is used before the file is read again; client-go's own. */
const TOKEN_FILE_FRESH_MS = 60_000;

/** A server and credentials, in the names that the HTTPS transport takes. Certificates and keys are PEM. */
export interface ClusterAccess {
  readonly server: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string | (() => string);
  readonly serverName?: string;
  readonly insecure?: boolean;
  /** The namespace for requests that name none. Default `default`. */
  readonly namespace?: string;
}

/** Reads the kubeconfig at `file` and answers what `context` (absent: the current one) stands for. @throws {KubeconfigError} */
export async function readAccess(file: string, clock: Clock, context?: string): Promise<ClusterAccess> {
  const config = await parsed(file);
  const name = context ?? text(config['current-context']);
  if (name === undefined || name === '') {
    throw new KubeconfigError(file, 'it has no current-context; choose one with kubectl config use-context');
  }
  const { cluster, user, namespace } = entry(file, config, 'contexts', 'context', name);
  const server = entry(file, config, 'clusters', 'cluster', text(cluster) ?? '');
  const who = text(user) ? entry(file, config, 'users', 'user', text(user) ?? '') : {};
  const address = text(server['server']);
  if (!address) throw new KubeconfigError(file, `cluster "${text(cluster)}" names no server`);
  if (!address.startsWith('https://')) {
    throw new KubeconfigError(file, `server ${address} does not begin with https://; only HTTPS is spoken`);
  }
  const ca = pem(file, server, 'certificate-authority');
  const serverName = text(server['tls-server-name']);
  return {
    server: address,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(server['insecure-skip-tls-verify'] === true ? { insecure: true } : {}),
    ...credentials(file, clock, who),
    ...(text(namespace) ? { namespace: text(namespace) ?? '' } : {}),
  };
}

type Fields = Readonly<Record<string, unknown>>;

async function parsed(file: string): Promise<Fields> {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (cause) {
    throw fileProblem(file, 'read', cause);
  }
  // Loaded here, so that a process that reads no kubeconfig does not pay for a YAML parser at its start.
  const { parse } = await import('yaml');
  let config: unknown;
  try {
    config = parse(source);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new KubeconfigError(file, `it is no YAML: ${why}`, { cause });
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new KubeconfigError(file, 'it is no kubeconfig: expected clusters, users and contexts');
  }
  return config as Fields;
}

function entry(file: string, config: Fields, list: string, field: string, name: string): Fields {
  const all = config[list];
  const found = Array.isArray(all)
    ? (all as unknown[]).find((each) => (each as Fields | null)?.['name'] === name)
    : undefined;
  if (found === undefined) {
    throw new KubeconfigError(file, `it has no ${field} named "${name}"; see kubectl config view`);
  }
  const value = (found as Fields)[field];
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function credentials(file: string, clock: Clock, user: Fields): Partial<ClusterAccess> {
  for (const kind of ['exec', 'auth-provider', 'username'] as const) {
    if (user[kind] !== undefined) {
      const how = kind === 'username' ? 'a password' : `the ${kind} plugin`;
      throw new KubeconfigError(
        file,
        `its user logs in with ${how}, which is not supported; use a client certificate or a token`,
      );
    }
  }
  const cert = pem(file, user, 'client-certificate');
  const key = pem(file, user, 'client-key');
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'client-certificate' : 'client-key';
    throw new KubeconfigError(file, `its user has no ${missing}; certificate and key belong together`);
  }
  const token = text(user['token']);
  const tokenFile = text(user['tokenFile']);
  return {
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(token
      ? { token }
      : tokenFile
        ? { token: tokenFromFile(resolve(dirname(file), tokenFile), clock) }
        : {}),
  };
}

/** A token that is read again each minute, as rotating tokens of pods need. */
function tokenFromFile(file: string, clock: Clock): () => string {
  let known = '';
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.monotonic() - readAt < TOKEN_FILE_FRESH_MS) return known;
    try {
      known = readFileSync(file, 'utf8').trim();
    } catch (cause) {
      throw fileProblem(file, 'read', cause);
    }
    readAt = clock.monotonic();
    return known;
  };
}

/** The PEM in `NAME-data` (base64) or in the file that `NAME` names, relative to the kubeconfig. */
function pem(file: string, fields: Fields, name: string): string | undefined {
  const data = text(fields[`${name}-data`]);
  if (data) {
    const decoded = Buffer.from(data, 'base64').toString('utf8');
    if (!decoded.includes('-----BEGIN ')) {
      throw new KubeconfigError(file, `${name}-data is no base64 of a PEM file`);
    }
    return decoded;
  }
  const path = text(fields[name]);
  if (!path) return undefined;
  const absolute = resolve(dirname(file), path);
  try {
    return readFileSync(absolute, 'utf8');
  } catch (cause) {
    throw fileProblem(absolute, 'read', cause);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
