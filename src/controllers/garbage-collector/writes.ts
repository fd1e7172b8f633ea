import { type ApiObject, apiVersionOf, type DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isConflict, isNotFound } from '../../apimachinery/status-error.ts';
import type { Client, Resource } from '../../client/index.ts';
import type { Identity, Reference } from './identity.ts';

/** Attempts to remove a finalizer while others change the object; then the queue tries later. */
const FINALIZER_ATTEMPTS = 4;

const STRATEGIC = 'application/strategic-merge-patch+json';
const MERGE = 'application/merge-patch+json';

/** An object as far as the collector looks. */
type AnyObject = DeepReadonly<ApiObject>;

/** The collector's reads and writes, each by identity. */
export class Writes {
  readonly #client: Client;
  readonly #byKind = new Map<string, Resource<ApiObject>>();

  constructor(client: Client, resources: readonly Resource<ApiObject>[]) {
    this.#client = client;
    for (const each of resources) this.#byKind.set(`${each.group} ${each.kind}`, each);
  }

  /** The resource of a kind in any version of its group; undefined for one that the collector was not given. */
  resourceOf({ apiVersion, kind }: Pick<Identity, 'apiVersion' | 'kind'>): Resource<ApiObject> | undefined {
    const slash = apiVersion.indexOf('/');
    return this.#byKind.get(`${slash < 0 ? '' : apiVersion.slice(0, slash)} ${kind}`);
  }

  /** Which object is meant by a reference in an object of `namespace`: cluster-scoped kinds have none. */
  resolve({ apiVersion, kind, name, uid }: Reference, namespace: string): Identity {
    const clusterScoped = this.resourceOf({ apiVersion, kind })?.namespaced === false;
    return { apiVersion, kind, namespace: clusterScoped ? '' : namespace, name, uid };
  }

  /** The newest state of the object of that name; undefined when there is none, whatever its uid. */
  async get(of: Resource<ApiObject>, { namespace, name }: Identity): Promise<AnyObject | undefined> {
    try {
      return await this.#client.get(of, of.namespaced ? namespace : '', name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /**
   * Deletes the object as it was read. Where it has changed since, but not its owners, it is deleted all the same: others
   * writing all the time shall not keep garbage alive. Answers false when it was gone already.
   */
  async delete(
    of: Resource<ApiObject>,
    latest: AnyObject,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
  ): Promise<boolean> {
    const { namespace = '', name, uid, resourceVersion, ownerReferences } = latest.metadata;
    try {
      await this.#client.delete(of, namespace, name, {
        propagationPolicy,
        preconditions: { uid, resourceVersion },
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      if (!isConflict(error)) throw error;
      const live = await this.get(of, identify(of, latest));
      if (live === undefined || live.metadata.uid !== uid) return false;
      if (JSON.stringify(live.metadata.ownerReferences) !== JSON.stringify(ownerReferences)) throw error;
      await this.#client.delete(of, namespace, name, { propagationPolicy, preconditions: { uid } });
      return true;
    }
  }

  /** Removes the references to these owners. */
  async unlink(of: Resource<ApiObject>, identity: Identity, owners: readonly string[]): Promise<void> {
    const ownerReferences = owners.map((uid) => ({ $patch: 'delete', uid }));
    await this.#patch(of, identity, STRATEGIC, { metadata: { uid: identity.uid, ownerReferences } });
  }

  /** Makes the references that block their owner's deletion block it no more. */
  async unblock(of: Resource<ApiObject>, identity: Identity, owners: readonly Reference[]): Promise<void> {
    const ownerReferences = owners
      .filter(({ blockOwnerDeletion }) => blockOwnerDeletion)
      .map((each) => ({ ...each, blockOwnerDeletion: false }));
    await this.#patch(of, identity, STRATEGIC, { metadata: { uid: identity.uid, ownerReferences } });
  }

  /** Removes a finalizer, wherever others have moved the object meanwhile. */
  async removeFinalizer(of: Resource<ApiObject>, identity: Identity, finalizer: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const live = await this.get(of, identity);
      const { uid, resourceVersion, finalizers = [] } = live?.metadata ?? {};
      if (uid !== identity.uid || !finalizers.includes(finalizer)) return;
      const left = finalizers.filter((each) => each !== finalizer);
      try {
        await this.#patch(of, identity, MERGE, { metadata: { resourceVersion, finalizers: left } });
        return;
      } catch (error) {
        if (isNotFound(error)) return;
        if (!isConflict(error) || attempt === FINALIZER_ATTEMPTS) throw error;
      }
    }
  }

  async #patch(
    of: Resource<ApiObject>,
    { namespace, name }: Identity,
    type: typeof STRATEGIC | typeof MERGE,
    patch: object,
  ): Promise<void> {
    await this.#client.patch(of, of.namespaced ? namespace : '', name, type, patch);
  }
}

/** The identity of an object that an informer or the server has shown. */
export function identify(of: Resource<ApiObject>, { metadata }: AnyObject): Identity {
  const { namespace = '', name, uid } = metadata;
  return { apiVersion: apiVersionOf(of.group, of.version), kind: of.kind, namespace, name, uid };
}
