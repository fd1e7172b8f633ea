/** Names and passwords for registries, from the Secrets that a pod names. Source: kubernetes.io/dockerconfigjson. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { ConfigSource, KeyedData } from '../environment/config-source.ts';
import type { RegistryAuth } from '../runtimes/image.ts';

interface DockerAuth {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
}

/** The pull secrets that a pod names: read when first needed, and then the same for all that is fetched together. */
export class PullSecrets {
  readonly #pod: DeepReadonly<Pod>;
  readonly #config: ConfigSource;
  #reading: Promise<readonly ReadSecret[]> | undefined;

  constructor(pod: DeepReadonly<Pod>, config: ConfigSource) {
    this.#pod = pod;
    this.#config = config;
  }

  /** Names of those that are not there. */
  async missing(): Promise<readonly string[]> {
    const secrets = await this.#read();
    return secrets.flatMap(({ name, data }) => (data === undefined && name !== '' ? [name] : []));
  }

  /** The credentials that fit the repository, in the order to try them. Secrets that are missing are passed over. */
  async credentials(repository: string): Promise<readonly RegistryAuth[]> {
    const found = (await this.#read()).flatMap(({ data }) => credentialsIn(data, repository));
    // The narrower a place is named, the sooner its password is tried.
    return found.toSorted((a, b) => {
      const [left, right] = [placeOf(a.serverAddress), placeOf(b.serverAddress)];
      return left === right ? 0 : left < right ? 1 : -1;
    });
  }

  #read(): Promise<readonly ReadSecret[]> {
    this.#reading ??= this.#readAll();
    return this.#reading;
  }

  async #readAll(): Promise<readonly ReadSecret[]> {
    const { spec, metadata } = this.#pod;
    const secrets: ReadSecret[] = [];
    for (const { name = '' } of spec.imagePullSecrets ?? []) {
      secrets.push({ name, data: await this.#config.secret(metadata.namespace ?? '', name, true) });
    }
    return secrets;
  }
}

/** A secret that a pod names; without data, it is not there. */
interface ReadSecret {
  readonly name: string;
  readonly data: KeyedData | undefined;
}

function credentialsIn(data: KeyedData | undefined, repository: string): RegistryAuth[] {
  const json = data?.get('.dockerconfigjson');
  const auths = json === undefined ? parse(data?.get('.dockercfg')) : parse(json)['auths'];
  return Object.entries((auths ?? {}) as Record<string, DockerAuth>).flatMap(([server, auth]) =>
    fits(server, repository) ? [{ serverAddress: server, ...credentials(auth) }] : [],
  );
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
