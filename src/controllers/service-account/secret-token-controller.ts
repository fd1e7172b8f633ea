import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isConflict, isNotFound } from '../../apimachinery/status-error.ts';
import type { Secret, ServiceAccount } from '../../apis/core/types.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  type Lister,
  newController,
  newWorkqueue,
  type Reconciler,
  SECRETS,
  SERVICEACCOUNTS,
} from '../../client/index.ts';

/** Signs the token that lies in a Secret. */
export type SignSecretToken = (
  namespace: string,
  account: { readonly name: string; readonly uid: string },
  secretName: string,
) => string;

const TOKENS = { fieldSelector: 'type=kubernetes.io/service-account-token' };
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
const BY_ACCOUNT = 'token-account';

type AnySecret = DeepReadonly<Secret>;
type AnyAccount = DeepReadonly<ServiceAccount>;

const accountOf = ({ metadata }: AnySecret): string =>
  `${metadata.namespace ?? ''}/${metadata.annotations?.[ACCOUNT_NAME] ?? ''}`;

/** The keeper of Secrets with tokens as a component; `certificateAuthority` in PEM. */
export function newSecretTokenController(
  context: ComponentContext,
  certificateAuthority: string,
  sign: SignSecretToken,
): Component {
  const { client, clock, log, metrics } = context;
  const accounts = context.informer(SERVICEACCOUNTS);
  const secrets = context.informer(SECRETS, TOKENS);
  secrets.addIndex(BY_ACCOUNT, (secret) => [accountOf(secret)]);
  const queue = newWorkqueue({ name: 'serviceaccount_tokens', clock, metrics });
  const look = (secret: AnySecret): void => queue.add(accountOf(secret));
  secrets.onChange({
    added: look,
    updated: look,
    // The account is told by the key's first two parts, and what it may have to forget by the third.
    deleted: (secret) => queue.add(`${accountOf(secret)}/${secret.metadata.name}`),
  });
  accounts.onChange({
    deleted: ({ metadata }) => queue.add(`${metadata.namespace ?? ''}/${metadata.name}`),
  });
  const listers = { accounts: accounts.lister, secrets: secrets.lister };
  return newController({
    name: 'service-account-tokens',
    reconciler: new TokenKeeper(client, certificateAuthority, sign, listers),
    queue,
    log,
    informers: [accounts, secrets],
  });
}

interface Listers {
  readonly accounts: Lister<ServiceAccount>;
  readonly secrets: Lister<Secret>;
}

/** Brings the Secrets of one account to what they should be. */
class TokenKeeper implements Reconciler {
  readonly #client: Client;
  readonly #authority: string;
  readonly #sign: SignSecretToken;
  readonly #listers: Listers;

  constructor(client: Client, authority: string, sign: SignSecretToken, listers: Listers) {
    this.#client = client;
    this.#authority = Buffer.from(authority).toString('base64');
    this.#sign = sign;
    this.#listers = listers;
  }

  async sync(key: string): Promise<undefined> {
    const [namespace = '', name = '', goneSecret] = key.split('/');
    const secrets = this.#listers.secrets.byIndex(BY_ACCOUNT, `${namespace}/${name}`);
    if (secrets.length === 0 && goneSecret === undefined) return;
    const account = this.#listers.accounts.get(namespace, name) ?? (await this.#ask(namespace, name));
    for (const secret of secrets) {
      if (account === undefined || !isFor(secret, account)) await this.#remove(secret);
      else await this.#fill(secret, account);
    }
    if (account !== undefined && goneSecret !== undefined) await this.#forget(account, goneSecret);
  }

  /** An account may be so new that the informer has yet to tell of it. */
  async #ask(namespace: string, name: string): Promise<AnyAccount | undefined> {
    try {
      return await this.#client.get(SERVICEACCOUNTS, namespace, name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #remove({ metadata: { namespace = '', name, uid } }: AnySecret): Promise<void> {
    await unlessChanged(() => this.#client.delete(SECRETS, namespace, name, { preconditions: { uid } }));
  }

  async #fill(secret: AnySecret, account: AnyAccount): Promise<void> {
    const { metadata, data = {} } = secret;
    const isFull = data['token'] && data['namespace'] && data['ca.crt'] === this.#authority;
    if (isFull || metadata.deletionTimestamp !== undefined) return;
    const namespace = metadata.namespace ?? '';
    const { name, uid } = account.metadata;
    const token = data['token'] || encode(this.#sign(namespace, { name, uid }, metadata.name));
    const annotations = { ...metadata.annotations, [ACCOUNT_NAME]: name, [ACCOUNT_UID]: uid };
    const filled = {
      ...secret,
      metadata: { ...metadata, annotations },
      data: {
        ...data,
        'ca.crt': this.#authority,
        namespace: data['namespace'] || encode(namespace),
        token,
      },
    };
    await unlessChanged(() => this.#client.update(SECRETS, filled));
  }

  /** An account no longer names a Secret that is gone. */
  async #forget(account: AnyAccount, secretName: string): Promise<void> {
    const { namespace = '', name } = account.metadata;
    if (this.#listers.secrets.get(namespace, secretName) !== undefined) return;
    const fresh = await this.#ask(namespace, name);
    const isNamed = fresh?.secrets?.some((each) => each.name === secretName);
    if (fresh === undefined || fresh.metadata.uid !== account.metadata.uid || !isNamed) return;
    const secrets = fresh.secrets?.filter((each) => each.name !== secretName) ?? [];
    await this.#client.update(SERVICEACCOUNTS, { ...fresh, secrets });
  }
}

/** Whether a Secret is for this account, and not for an earlier one of the same name. */
function isFor({ metadata }: AnySecret, account: AnyAccount): boolean {
  const uid = metadata.annotations?.[ACCOUNT_UID];
  return !uid || uid === account.metadata.uid;
}

const encode = (text: string): string => Buffer.from(text).toString('base64');

/** Writes, unless somebody else has changed or deleted the object: the informer will tell of that. */
async function unlessChanged(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error;
  }
}
