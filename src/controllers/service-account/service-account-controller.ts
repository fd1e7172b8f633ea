import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isAlreadyExists, isNamespaceTerminating, isNotFound } from '../../apimachinery/status-error.ts';
import type { ConfigMap, Namespace, ServiceAccount } from '../../apis/core/types.ts';
import {
  type Client,
  CONFIGMAPS,
  type Component,
  type ComponentContext,
  type Lister,
  NAMESPACES,
  newController,
  newWorkqueue,
  type Reconciler,
  SERVICEACCOUNTS,
} from '../../client/index.ts';
import { correctedRootCa, ROOT_CA_CONFIG_MAP, rootCaConfigMap } from './root-ca.ts';

/** The account of pods that name none. */
const DEFAULT_ACCOUNT = 'default';

/** The service account controller as a component; `certificateAuthority` in PEM. */
export function newServiceAccountController(
  context: ComponentContext,
  certificateAuthority: string,
): Component {
  const { client, clock, log, metrics } = context;
  const namespaces = context.informer(NAMESPACES);
  const accounts = context.informer(SERVICEACCOUNTS);
  const configMaps = context.informer(CONFIGMAPS);
  const queue = newWorkqueue({ name: 'serviceaccount', clock, metrics });
  const namespaceChanged = (namespace: DeepReadonly<Namespace>): void => queue.add(namespace.metadata.name);
  const ours = (name: string) => (object: DeepReadonly<ServiceAccount | ConfigMap>) => {
    if (object.metadata.name === name) queue.add(object.metadata.namespace ?? '');
  };
  namespaces.onChange({ added: namespaceChanged, updated: namespaceChanged });
  accounts.onChange({ deleted: ours(DEFAULT_ACCOUNT) });
  configMaps.onChange({ updated: ours(ROOT_CA_CONFIG_MAP), deleted: ours(ROOT_CA_CONFIG_MAP) });
  return newController({
    name: 'service-account-controller',
    reconciler: new NamespaceFurnisher(client, certificateAuthority, {
      namespaces: namespaces.lister,
      accounts: accounts.lister,
      configMaps: configMaps.lister,
    }),
    queue,
    log,
    informers: [namespaces, accounts, configMaps],
  });
}

interface Listers {
  readonly namespaces: Lister<Namespace>;
  readonly accounts: Lister<ServiceAccount>;
  readonly configMaps: Lister<ConfigMap>;
}

/** Puts into one namespace what it lacks. */
class NamespaceFurnisher implements Reconciler {
  readonly #client: Client;
  readonly #certificateAuthority: string;
  readonly #listers: Listers;

  constructor(client: Client, certificateAuthority: string, listers: Listers) {
    this.#client = client;
    this.#certificateAuthority = certificateAuthority;
    this.#listers = listers;
  }

  async sync(namespace: string): Promise<undefined> {
    const known = this.#listers.namespaces.get('', namespace);
    if (known?.status?.phase !== 'Active') return;
    await Promise.all([this.#ensureAccount(namespace), this.#ensureRootCa(namespace)]);
  }

  async #ensureAccount(namespace: string): Promise<void> {
    if (this.#listers.accounts.get(namespace, DEFAULT_ACCOUNT) !== undefined) return;
    await unlessClosing(() =>
      this.#client.create(SERVICEACCOUNTS, namespace, { metadata: { name: DEFAULT_ACCOUNT } }),
    );
  }

  async #ensureRootCa(namespace: string): Promise<void> {
    const stored = this.#listers.configMaps.get(namespace, ROOT_CA_CONFIG_MAP);
    if (stored === undefined) {
      await unlessClosing(() =>
        this.#client.create(CONFIGMAPS, namespace, rootCaConfigMap(this.#certificateAuthority)),
      );
      return;
    }
    const corrected = correctedRootCa(stored, this.#certificateAuthority);
    if (corrected !== undefined) await this.#client.update(CONFIGMAPS, corrected);
  }
}

/** Creates, content with finding that it is there already or that the namespace is going. */
async function unlessClosing(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!isAlreadyExists(error) && !isNotFound(error) && !isNamespaceTerminating(error)) throw error;
  }
}
