/** Where ConfigMaps and Secrets come from, with the words that a pod's status has for a missing one. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { ConfigMap, Secret } from '../../apis/core/types.ts';
import { type Client, CONFIGMAPS, SECRETS } from '../../client/index.ts';
import { ConfigError } from './config-error.ts';

/** The data of one ConfigMap or Secret, by key. */
export type KeyedData = ReadonlyMap<string, Buffer>;

/** Reads the objects that pods name. Nothing is remembered: every start of a container sees what is there then. */
export class ConfigSource {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Undefined when it is not there and `optional`; throws {@link ConfigError} when it is not there and must be. */
  async configMap(namespace: string, name: string, optional: boolean): Promise<KeyedData | undefined> {
    const found = await this.#orMissing(
      this.#client.get(CONFIGMAPS, namespace, name),
      optional,
      `configmap "${name}" not found`,
    );
    return found === undefined ? undefined : dataOfConfigMap(found);
  }

  /** As {@link configMap}, for a Secret. */
  async secret(namespace: string, name: string, optional: boolean): Promise<KeyedData | undefined> {
    const found = await this.#orMissing(
      this.#client.get(SECRETS, namespace, name),
      optional,
      `secret "${name}" not found`,
    );
    return found === undefined ? undefined : dataOfSecret(found);
  }

  async #orMissing<T>(getting: Promise<T>, optional: boolean, message: string): Promise<T | undefined> {
    try {
      return await getting;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (optional) return undefined;
      throw new ConfigError(message, { cause: error });
    }
  }
}

function dataOfConfigMap({ data = {}, binaryData = {} }: DeepReadonly<ConfigMap>): KeyedData {
  return new Map([
    ...Object.entries(data).map(([key, text]) => [key, Buffer.from(text)] as const),
    ...Object.entries(binaryData).map(([key, text]) => [key, Buffer.from(text, 'base64')] as const),
  ]);
}

function dataOfSecret({ data = {} }: DeepReadonly<Secret>): KeyedData {
  return new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64')]));
}
