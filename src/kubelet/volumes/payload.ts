/** The files of volumes that show what the API knows: ConfigMaps, Secrets, the pod itself, tokens, and mixtures of them. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from '../../apis/core/types.ts';
import { ConfigError } from '../environment/config-error.ts';
import type { ConfigSource, KeyedData } from '../environment/config-source.ts';
import { type DownwardContext, fieldValue, resourceValue } from '../environment/downward.ts';

/** Permissions of a file that nobody chose others for. */
const DEFAULT_MODE = 0o644;
/** Permissions of a token whose reader is known. */
const TOKEN_MODE = 0o600;

/** One file of a volume. */
export interface PayloadFile {
  readonly bytes: Buffer;
  /** Permission bits. */
  readonly mode: number;
  /** User whose file it is; absent: this process's. */
  readonly owner?: number;
}

/** The files of a volume by relative path. */
export type Payload = ReadonlyMap<string, PayloadFile>;

/** A token for the pod's service account. */
export interface IssuedToken {
  readonly token: string;
  /** Wall milliseconds from which on a new one should be asked for. */
  readonly refreshAt: number;
}

/** What the files are made from. */
export interface PayloadSources {
  readonly config: ConfigSource;
  readonly downward: DownwardContext;
  token(
    pod: DeepReadonly<Pod>,
    projection: DeepReadonly<ServiceAccountTokenProjection>,
  ): Promise<IssuedToken>;
}

/** A payload, and when it has to be made anew because a token in it grows old. */
export interface MadePayload {
  readonly files: Payload;
  /** Wall milliseconds. */
  readonly refreshAt?: number;
}

/** Whether {@link makePayload} knows the volume's kind. */
export function isPayloadVolume({
  configMap,
  secret,
  downwardAPI,
  projected,
}: DeepReadonly<Volume>): boolean {
  return (configMap ?? secret ?? downwardAPI ?? projected) !== undefined;
}

/** Whether the files of a volume may hold what Secrets hold. */
export function holdsSecrets({ secret, projected }: DeepReadonly<Volume>): boolean {
  return secret !== undefined || (projected?.sources ?? []).some((source) => source.secret !== undefined);
}

/** Whether the kubelet keeps the volume in memory: all that show what the API knows, but for ConfigMaps. */
export function isOfMemory({ secret, projected, downwardAPI }: DeepReadonly<Volume>): boolean {
  return (secret ?? projected ?? downwardAPI) !== undefined;
}

/** Makes the files of a volume. Throws {@link ConfigError} for what is missing and not optional. */
export async function makePayload(
  pod: DeepReadonly<Pod>,
  volume: DeepReadonly<Volume>,
  sources: PayloadSources,
): Promise<MadePayload> {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (projected !== undefined) return makeProjected(pod, projected, sources);
  const maker = new PayloadMaker(
    pod,
    sources,
    configMap?.defaultMode ?? secret?.defaultMode ?? downwardAPI?.defaultMode,
  );
  if (configMap !== undefined) await maker.addConfigMap({ ...configMap });
  if (secret !== undefined) {
    const { secretName, ...rest } = secret;
    await maker.addSecret({ ...rest, ...(secretName === undefined ? {} : { name: secretName }) });
  }
  if (downwardAPI !== undefined) maker.addDownward(downwardAPI.items ?? []);
  return maker.made();
}

async function makeProjected(
  pod: DeepReadonly<Pod>,
  { sources: parts = [], defaultMode }: DeepReadonly<ProjectedVolumeSource>,
  sources: PayloadSources,
): Promise<MadePayload> {
  const maker = new PayloadMaker(pod, sources, defaultMode);
  for (const part of parts) await maker.add(part);
  return maker.made();
}

interface KeyedReference {
  readonly name?: string;
  readonly optional?: boolean;
  readonly items?: readonly DeepReadonly<KeyToPath>[];
}

class PayloadMaker {
  readonly #pod: DeepReadonly<Pod>;
  readonly #sources: PayloadSources;
  readonly #mode: number;
  readonly #files = new Map<string, PayloadFile>();
  #refreshAt: number | undefined;

  constructor(pod: DeepReadonly<Pod>, sources: PayloadSources, mode: number | undefined) {
    this.#pod = pod;
    this.#sources = sources;
    this.#mode = mode ?? DEFAULT_MODE;
  }

  made(): MadePayload {
    return { files: this.#files, ...(this.#refreshAt === undefined ? {} : { refreshAt: this.#refreshAt }) };
  }

  async add(part: DeepReadonly<VolumeProjection>): Promise<void> {
    if (part.configMap !== undefined) await this.addConfigMap(part.configMap);
    if (part.secret !== undefined) await this.addSecret(part.secret);
    if (part.downwardAPI !== undefined) this.addDownward(part.downwardAPI.items ?? []);
    if (part.serviceAccountToken !== undefined) await this.#addToken(part.serviceAccountToken);
    if (part.clusterTrustBundle !== undefined || part.podCertificate !== undefined) {
      throw new ConfigError('this node does not project trust bundles or pod certificates');
    }
  }

  async addConfigMap(reference: KeyedReference): Promise<void> {
    const { name = '', optional = false } = reference;
    const data = await this.#sources.config.configMap(this.#pod.metadata.namespace ?? '', name, optional);
    this.#addKeys(data, reference, (key) => `configmap references non-existent config key: ${key}`);
  }

  async addSecret(reference: KeyedReference): Promise<void> {
    const { name = '', optional = false } = reference;
    const data = await this.#sources.config.secret(this.#pod.metadata.namespace ?? '', name, optional);
    this.#addKeys(data, reference, (key) => `references non-existent secret key: ${key}`);
  }

  addDownward(items: readonly DeepReadonly<DownwardAPIVolumeFile>[]): void {
    for (const { path, mode, fieldRef, resourceFieldRef } of items) {
      const { downward } = this.#sources;
      const text =
        fieldRef !== undefined
          ? fieldValue(this.#pod, fieldRef.fieldPath, downward)
          : resourceFieldRef !== undefined
            ? resourceValue(resourceFieldRef, this.#pod, undefined, downward)
            : '';
      this.#put(path, Buffer.from(text), mode);
    }
  }

  async #addToken(projection: DeepReadonly<ServiceAccountTokenProjection>): Promise<void> {
    const { token, refreshAt } = await this.#sources.token(this.#pod, projection);
    const { fsGroup } = this.#pod.spec.securityContext ?? {};
    const owner = onlyUser(this.#pod);
    // Whoever needs it is known, so that nobody else can read it; a group is given the volume afterwards.
    const mode = fsGroup === undefined && owner === undefined ? undefined : TOKEN_MODE;
    this.#put(projection.path, Buffer.from(token), mode, owner);
    this.#refreshAt = Math.min(this.#refreshAt ?? refreshAt, refreshAt);
  }

  #addKeys(
    data: KeyedData | undefined,
    { items, optional }: KeyedReference,
    missing: (key: string) => string,
  ): void {
    if (data === undefined) return;
    if (items === undefined || items.length === 0) {
      for (const [key, bytes] of data) this.#put(key, bytes, undefined);
      return;
    }
    for (const { key, path, mode } of items) {
      const bytes = data.get(key);
      if (bytes !== undefined) this.#put(path, bytes, mode);
      else if (optional !== true) throw new ConfigError(missing(key));
    }
  }

  #put(path: string, bytes: Buffer, mode: number | undefined, owner?: number): void {
    const file = { bytes, mode: mode ?? this.#mode };
    this.#files.set(path, owner === undefined ? file : { ...file, owner });
  }
}

/** The user that all containers of a pod run as, where it is the same for all. */
function onlyUser({ spec }: DeepReadonly<Pod>): number | undefined {
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  const users = new Set(
    all.map(({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser),
  );
  const [user] = users;
  return users.size === 1 && user !== undefined ? Number(user) : undefined;
}
