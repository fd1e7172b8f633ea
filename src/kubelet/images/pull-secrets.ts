/** Names and passwords for registries, from the Secrets that a pod names. Source: kubernetes.io/dockerconfigjson. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { ConfigSource } from '../environment/config-source.ts';
import type { RegistryAuth } from '../runtimes/image.ts';

interface DockerAuth {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
}

/** The credentials of a pod's pull secrets that fit the repository, in the order to try them. Secrets that are missing are passed over. */
export async function pullCredentials(
  pod: DeepReadonly<Pod>,
  repository: string,
  config: ConfigSource,
): Promise<readonly RegistryAuth[]> {
  const found: RegistryAuth[] = [];
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
    const data = await config.secret(pod.metadata.namespace ?? '', name, true);
    const json = data?.get('.dockerconfigjson');
    const legacy = data?.get('.dockercfg');
    const auths = json === undefined ? parse(legacy) : parse(json)['auths'];
    for (const [server, auth] of Object.entries((auths ?? {}) as Record<string, DockerAuth>)) {
      if (fits(server, repository)) found.push({ serverAddress: server, ...credentials(auth) });
    }
  }
  // The narrower a place is named, the sooner its password is tried.
  return found.toSorted((a, b) => {
    const [left, right] = [placeOf(a.serverAddress), placeOf(b.serverAddress)];
    return left === right ? 0 : left < right ? 1 : -1;
  });
}

/** The pull secrets that a pod names and that are not there. */
export async function missingPullSecrets(
  pod: DeepReadonly<Pod>,
  config: ConfigSource,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
    if (name === '') continue;
    if ((await config.secret(pod.metadata.namespace ?? '', name, true)) === undefined) missing.push(name);
  }
  return missing;
}

function parse(text: Buffer | undefined): Record<string, unknown> {
  try {
    return JSON.parse(text?.toString() ?? '{}') as Record<string, unknown>;
  } catch {
    return {}; // A secret that cannot be read helps nobody; the pull then says what is missing.
  }
}

/**
 * `https://index.docker.io/v1/`, `registry.example.com:5000`, `ghcr.io/team`, `*.example.com`: a host, of whose parts each may
 * have wildcards, with a path where it is given.
 */
function fits(server: string, repository: string): boolean {
  const [host = '', ...path] = placeOf(server).split('/');
  const [asked = '', ...below] = repository.split('/');
  const [parts, askedParts] = [host.split('.'), asked.split('.')];
  if (parts.length !== askedParts.length || path.length > below.length) return false;
  return (
    parts.every((part, at) => matches(part, askedParts[at] ?? '')) &&
    path.every((part, at) => part === below[at])
  );
}

function placeOf(server: string): string {
  return server
    .replace(/^https?:\/\//, '')
    .replace(/\/(v1|v2)?\/?$/, '')
    .replace(/^index\.docker\.io/, 'docker.io');
}

/** Whether a part of a host's name is as asked for: `*` stands for any text, `?` for one letter. */
function matches(pattern: string, part: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === part;
  const literal = pattern.replaceAll(/[\\^$.+()|[\]{}]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(part);
}

function credentials({ username, password, auth }: DockerAuth): Omit<RegistryAuth, 'serverAddress'> {
  if (auth === undefined) return { username: username ?? '', password: password ?? '' };
  const text = Buffer.from(auth, 'base64').toString();
  const colon = text.indexOf(':');
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}
