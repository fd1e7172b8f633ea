/** Names and passwords for registries, from the Secrets that a pod names. Source: kubernetes.io/dockerconfigjson. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { ConfigSource } from '../environment/config-source.ts';
import type { RegistryAuth } from '../runtimes/runtime.ts';

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
  return found;
}

function parse(text: Buffer | undefined): Record<string, unknown> {
  try {
    return JSON.parse(text?.toString() ?? '{}') as Record<string, unknown>;
  } catch {
    return {}; // A secret that cannot be read helps nobody; the pull then says what is missing.
  }
}

/** `https://index.docker.io/v1/`, `registry.example.com:5000`, `ghcr.io/team`: a host, with a path where it is given. */
function fits(server: string, repository: string): boolean {
  const place = server
    .replace(/^https?:\/\//, '')
    .replace(/\/(v1|v2)?\/?$/, '')
    .replace(/^index\.docker\.io/, 'docker.io');
  return repository === place || repository.startsWith(`${place}/`);
}

function credentials({ username, password, auth }: DockerAuth): Omit<RegistryAuth, 'serverAddress'> {
  if (auth === undefined) return { username: username ?? '', password: password ?? '' };
  const text = Buffer.from(auth, 'base64').toString();
  const colon = text.indexOf(':');
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}
