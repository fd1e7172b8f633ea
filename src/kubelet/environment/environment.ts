/** The environment of a container: what it names itself, what it takes from ConfigMaps and Secrets, and the way to the API. */
import { readFile } from 'node:fs/promises';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, EnvFromSource, EnvVarSource, FileKeySelector, Pod } from '../../apis/core/types.ts';
import { pathInside } from '../volumes/inside.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigSource } from './config-source.ts';
import { type DownwardContext, fieldValue, resourceValue } from './downward.ts';
import { valueInEnvFile } from './env-file.ts';
import { expand } from './expansion.ts';

/** What the values are taken from. */
export interface EnvironmentSources {
  readonly config: ConfigSource;
  readonly downward: DownwardContext;
  /** Where the pod's volumes are, by name. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Variables that a container gets unless it sets them itself: the addresses of services and of the API. */
  readonly services: ReadonlyMap<string, string>;
}

/**
 * The variables of a container, each name once, in the order in which they are named; those of `envFrom` first. A later
 * value replaces an earlier one, and sees the earlier ones in `$(NAME)`. Throws {@link ConfigError} for what is missing.
 */
export async function containerEnvironment(
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container>,
  sources: EnvironmentSources,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const from of container.envFrom ?? []) await addAll(values, pod, from, sources);
  const lookup = (name: string): string | undefined => values.get(name) ?? sources.services.get(name);
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (value || valueFrom === undefined) values.set(name, expand(value ?? '', lookup));
    else {
      const found = await referredValue(valueFrom, pod, container, sources);
      if (found !== undefined) values.set(name, found);
    }
  }
  for (const [name, value] of sources.services) if (!values.has(name)) values.set(name, value);
  return values;
}

async function addAll(
  values: Map<string, string>,
  pod: DeepReadonly<Pod>,
  { prefix = '', configMapRef, secretRef }: DeepReadonly<EnvFromSource>,
  { config }: EnvironmentSources,
): Promise<void> {
  const namespace = pod.metadata.namespace ?? '';
  const data =
    configMapRef !== undefined
      ? await config.configMapTexts(namespace, configMapRef.name ?? '', configMapRef.optional === true)
      : secretRef !== undefined
        ? await config.secret(namespace, secretRef.name ?? '', secretRef.optional === true)
        : undefined;
  for (const [key, bytes] of data ?? []) values.set(prefix + key, bytes.toString());
}

async function referredValue(
  from: DeepReadonly<EnvVarSource>,
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container>,
  { config, downward, volumes }: EnvironmentSources,
): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = from;
  if (fieldRef !== undefined) return fieldValue(pod, fieldRef.fieldPath, downward);
  if (resourceFieldRef !== undefined) return resourceValue(resourceFieldRef, pod, container, downward);
  if (fileKeyRef !== undefined) return valueFromFile(fileKeyRef, volumes);
  const reference = configMapKeyRef ?? secretKeyRef;
  if (reference === undefined) return '';
  const { name = '', key, optional = false } = reference;
  const namespace = pod.metadata.namespace ?? '';
  const data =
    configMapKeyRef === undefined
      ? await config.secret(namespace, name, optional)
      : await config.configMapTexts(namespace, name, optional);
  const value = data?.get(key);
  if (value === undefined && !optional) {
    const kind = configMapKeyRef === undefined ? 'Secret' : 'ConfigMap';
    throw new ConfigError(`couldn't find key ${key} in ${kind} ${namespace}/${name}`);
  }
  return value?.toString();
}

async function valueFromFile(
  { volumeName, path, key, optional = false }: DeepReadonly<FileKeySelector>,
  volumes: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const volume = volumes.get(volumeName);
  if (volume === undefined) {
    throw new ConfigError(`cannot find the volume "${volumeName}" referenced by FileKeyRef`);
  }
  const file = await pathInside(volume, path);
  let value: string;
  try {
    if (file === undefined) throw new Error(`there is no file ${path} in volume ${volumeName}`);
    value = valueInEnvFile(await readFile(file, 'utf8'), key);
  } catch (cause) {
    throw new ConfigError("couldn't parse env file", { cause });
  }
  if (value !== '') return value;
  if (optional) return undefined;
  throw new ConfigError(`environment variable key "${key}" not found in file "${file}"`);
}
