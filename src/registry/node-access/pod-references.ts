import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Watch } from '../../apimachinery/watch-event.ts';
import type { Container, Pod, Volume } from '../../apis/core/types.ts';
import type { Storage } from '../../storage/storage.ts';

const PREFIX = '/core/pods/';

type AnyPod = DeepReadonly<Pod>;

/** Which objects the pods of each node refer to. Follows the store from the first question on. */
export class PodReferences {
  readonly #storage: Storage;
  /** By node, then by `resource/namespace/name`: how many pods refer to it. */
  readonly #byNode = new Map<string, Map<string, number>>();
  readonly #pods = new Map<string, { readonly node: string; readonly keys: readonly string[] }>();
  #following: Promise<void> | undefined;
  #watch: Watch | undefined;
  #closed = false;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Whether a pod of that node refers to the object. */
  async has(node: string, resource: string, namespace: string, name: string): Promise<boolean> {
    this.#following ??= this.#follow();
    await this.#following;
    return this.#byNode.get(node)?.has(`${resource}/${namespace}/${name}`) ?? false;
  }

  /** Stops following. */
  close(): void {
    this.#closed = true;
    this.#watch?.stop();
  }

  async #follow(): Promise<void> {
    const page = await this.#storage.list(PREFIX);
    if (this.#closed) return;
    for (const key of this.#pods.keys()) this.#forget(key);
    for (const { object } of page.items) this.#put(object);
    this.#watch = this.#storage.watch(PREFIX, page.revision, {
      next: (events) => {
        for (const { type, object } of events) {
          if (type === 'put') this.#put(object);
          else this.#forget(object.metadata.uid);
        }
      },
      // History that is gone is read anew by the next question.
      end: () => {
        this.#following = undefined;
      },
    });
  }

  #put(object: DeepReadonly<ApiObject>): void {
    const pod = object as AnyPod;
    const { uid } = pod.metadata;
    const { nodeName = '' } = pod.spec;
    this.#forget(uid);
    if (nodeName === '') return;
    const keys = [...new Set(referencesOf(pod))];
    const counts = this.#byNode.get(nodeName) ?? new Map<string, number>();
    this.#byNode.set(nodeName, counts);
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    this.#pods.set(uid, { node: nodeName, keys });
  }

  #forget(uid: string): void {
    const known = this.#pods.get(uid);
    if (known === undefined) return;
    this.#pods.delete(uid);
    const counts = this.#byNode.get(known.node);
    for (const key of known.keys) {
      const left = (counts?.get(key) ?? 0) - 1;
      if (left > 0) counts?.set(key, left);
      else counts?.delete(key);
    }
    if (counts?.size === 0) this.#byNode.delete(known.node);
  }
}

function* referencesOf({ metadata, spec }: AnyPod): Iterable<string> {
  const { namespace = '', name } = metadata;
  const key = (resource: string, of: string | undefined): string => `${resource}/${namespace}/${of ?? ''}`;
  yield key('pods', name);
  if (spec.serviceAccountName) yield key('serviceaccounts', spec.serviceAccountName);
  for (const { name: secret } of spec.imagePullSecrets ?? []) yield key('secrets', secret);
  const containers: readonly DeepReadonly<Pick<Container, 'env' | 'envFrom'>>[] = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ];
  for (const { env = [], envFrom = [] } of containers) {
    for (const { valueFrom } of env) {
      if (valueFrom?.secretKeyRef) yield key('secrets', valueFrom.secretKeyRef.name);
      if (valueFrom?.configMapKeyRef) yield key('configmaps', valueFrom.configMapKeyRef.name);
    }
    for (const { secretRef, configMapRef } of envFrom) {
      if (secretRef) yield key('secrets', secretRef.name);
      if (configMapRef) yield key('configmaps', configMapRef.name);
    }
  }
  for (const volume of spec.volumes ?? []) {
    for (const [resource, of] of referencesOfVolume(volume, name)) yield key(resource, of);
  }
}

function* referencesOfVolume(
  { name, secret, configMap, projected, persistentVolumeClaim, ephemeral }: DeepReadonly<Volume>,
  pod: string,
): Iterable<readonly [string, string | undefined]> {
  if (secret) yield ['secrets', secret.secretName];
  if (configMap) yield ['configmaps', configMap.name];
  for (const source of projected?.sources ?? []) {
    if (source.secret) yield ['secrets', source.secret.name];
    if (source.configMap) yield ['configmaps', source.configMap.name];
  }
  if (persistentVolumeClaim) yield ['persistentvolumeclaims', persistentVolumeClaim.claimName];
  if (ephemeral) yield ['persistentvolumeclaims', `${pod}-${name}`];
}
