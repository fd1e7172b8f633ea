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

  /** The texts of a ConfigMap, which is all that variables can be taken from: {@link configMap} without what is binary. */
  async configMapTexts(namespace: string, name: string, optional: boolean): Promise<KeyedData | undefined> {
    const found = await this.#configMap(namespace, name, optional);
    return found === undefined ? undefined : textsOf(found);
  }

  /** Undefined when it is not there and `optional`; throws {@link ConfigError} when it is not there and must be. */
  async configMap(namespace: string, name: string, optional: boolean): Promise<KeyedData | undefined> {
    const found = await this.#configMap(namespace, name, optional);
    return found === undefined ? undefined : dataOfConfigMap(found);
  }

  #configMap(
    namespace: string,
    name: string,
    optional: boolean,
  ): Promise<DeepReadonly<ConfigMap> | undefined> {
    const getting = this.#client.get(CONFIGMAPS, namespace, name);
    return this.#orMissing(getting, optional, `configmap "${name}" not found`);
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

function textsOf({ data = {} }: DeepReadonly<ConfigMap>): KeyedData {
  return new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text)]));
}

function dataOfConfigMap(map: DeepReadonly<ConfigMap>): KeyedData {
  return new Map([
    ...textsOf(map),
    ...Object.entries(map.binaryData ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64')] as const),
  ]);
}

function dataOfSecret({ data = {} }: DeepReadonly<Secret>): KeyedData {
  return new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64')]));
}
