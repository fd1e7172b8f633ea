/** The API server of this process: store, kinds, certificates, HTTPS, put together. */
import type { Transport, UserInfo } from '../apimachinery/api-request.ts';
import { systemClock } from '../apimachinery/clock.ts';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { systemRandom } from '../apimachinery/random.ts';
import { newServiceUnavailable } from '../apimachinery/status-error.ts';
import type { Secret } from '../apis/core/types.ts';
import { loadDescriptions } from '../apis/openapi/descriptions.ts';
import { loadFieldNumbers } from '../apis/openapi/field-numbers.ts';
import { schemas } from '../apis/openapi/index.ts';
import type { LevelVersion } from '../apis/pod-security/index.ts';
import {
  ApiServer,
  AuditLog,
  type Certificates,
  type HealthCheck,
  type Listening,
  openCertificates,
  type TokenAuthenticator,
} from '../apiserver/index.ts';
import type { ClusterAccess, Logger } from '../client/index.ts';
import {
  admission,
  allResources,
  allVirtualResources,
  batchMetrics,
  bootstrapTokens,
  ensureInitialObjects,
  issuerDiscovery,
  NodeAuthorizer,
  type PodLogSource,
  type PodStreamSource,
  RbacAuthorizer,
  TokenIssuer,
  TokenKey,
} from '../registry/index.ts';
import {
  AesGcmSeal,
  openMemoryStorage,
  openSqliteStorage,
  type Storage,
  StorageError,
} from '../storage/index.ts';
import { advertisedAddress, namesFor } from './addresses.ts';
import type { DataDirectory } from './data-directory.ts';
import { dropOldKeys, secretsKeys } from './secrets-key-file.ts';
import { tokenKeyPem } from './token-key-file.ts';
import { UserError } from './user-error.ts';

/** Who makes what exists in a cluster before anybody has made anything. */
const INSTALLER: UserInfo = {
  username: 'system:longshore',
  groups: ['system:masters', 'system:authenticated'],
};

/** What a server is made of. */
export interface ServerOptions {
  readonly data: DataDirectory;
  readonly store: 'sqlite' | 'memory';
  /** Whether Secrets get a new key; the store is written anew with it. Default false. */
  readonly rotateSecretsKey?: boolean;
  readonly listen: { readonly address: string; readonly port: number };
  /** What namespaces without labels ask of their pods. Default, as Kubernetes': nothing. */
  readonly podSecurity?: LevelVersion;
  readonly log: Logger;
  /** Whether requests over HTTP are noted in the audit log of the data directory. Default false. */
  readonly audit?: boolean;
  /** Whether requests over HTTP are told in `log`. Default false. */
  readonly logRequests?: boolean;
  /** What has to work, beside the store, for `/readyz` to say so. Default: nothing. */
  readonly readiness?: readonly HealthCheck[];
  /** Lines of `/metrics` about the components of this process. Default: none. */
  readonly metrics?: () => string;
}

/** What the API server asks of the nodes: the logs of their pods, and streams to them. */
export type NodeAccess = PodLogSource & PodStreamSource;

/** A server that answers. */
export interface Server {
  readonly url: string;
  /** The address under which other machines and pods reach it. */
  readonly advertised: string;
  readonly port: number;
  readonly certificates: Certificates;
  /** Address and credentials of the administrator, as a kubeconfig holds them. */
  readonly adminAccess: ClusterAccess & { readonly token?: string };
  /** The way in for a component of this process. */
  transport(user: UserInfo, program?: string): Transport;
  /** The token of a Secret, for a namespace's account. */
  readonly signSecretToken: TokenIssuer['issueForSecret'];
  /**
   * Answers on another address of this machine too, to those from whose address `mayEnter` lets them in, with a certificate that is
   * good for it. Rejects where the port of that address is taken.
   */
  letIn(address: string, mayEnter: (address: string) => boolean): Promise<void>;
  /** Tells the way to the nodes, once their agents are there. */
  connectNodes(nodes: NodeAccess): void;
  /** Drains and closes everything. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Opens the store and serves.
 *
 * @throws {UserError} for a data directory in use or damaged, a port in use, an address that is not this machine's.
 */
export async function startServer({
  data,
  store,
  rotateSecretsKey = false,
  listen,
  podSecurity,
  log,
  audit: audits = false,
  logRequests = false,
  readiness = [],
  metrics = () => '',
}: ServerOptions): Promise<Server> {
  const [storage, certificates] = await Promise.all([
    openStore(store, data, rotateSecretsKey),
    openCertificates({ directory: data.pki, clock: systemClock, names: namesFor(listen.address) }),
  ]);
  try {
    const nodes = new LateNodes();
    const authorizer = await RbacAuthorizer.open(storage, (reason) => {
      if (reason !== undefined) log.error({ reason }, 'roles and bindings are no longer followed');
    });
    const requestAuthorizer = new NodeAuthorizer(authorizer, storage);
    const key = new TokenKey(tokenKeyPem(data.pki));
    const issuer = new TokenIssuer({
      key,
      clock: systemClock,
      random: systemRandom,
      onSecretUse: (secret, labels) => void noteUse(server.transport(INSTALLER), secret, labels, log),
    });
    const tokens: TokenAuthenticator = {
      authenticate: (token) => issuer.authenticate(token, storage),
      review: (token, audiences) => issuer.review(token, audiences, storage),
    };
    const tokenAuthenticators = [tokens, bootstrapTokens(storage, systemClock)];
    const dependencies = {
      clock: systemClock,
      random: systemRandom,
      logs: nodes,
      streams: nodes,
      tokens: issuer,
      authorizer,
      requestAuthorizer,
      ...(podSecurity === undefined ? {} : { podSecurity }),
      tokenAuthenticators,
    };
    const stop = new AbortController();
    const stopping = stop.signal;
    const audit = audits ? new AuditLog({ directory: data.audit, clock: systemClock, log }) : undefined;
    const server = new ApiServer({
      storage,
      authorizer: requestAuthorizer,
      tokens: tokenAuthenticators,
      schemas,
      fieldNumbers: loadFieldNumbers,
      descriptions: loadDescriptions,
      resources: allResources(dependencies),
      virtualResources: allVirtualResources(dependencies),
      admission: admission(dependencies),
      clock: systemClock,
      random: systemRandom,
      log,
      metrics: async () => metrics() + (await batchMetrics(storage)),
      logRequests,
      paths: issuerDiscovery(issuer, key),
      readiness: [...readiness, { name: 'shutdown', check: () => stopping.throwIfAborted() }],
      ...(audit === undefined ? {} : { audit }),
    });
    await ensureInitialObjects(server.transport(INSTALLER));
    const listening = await listenOrExplain(server, { ...listen, certificates });
    const { admin } = certificates;
    return {
      url: listening.url,
      advertised: advertisedAddress(listen.address),
      port: listening.port,
      certificates,
      adminAccess: {
        server: listening.url,
        ca: certificates.authority,
        cert: admin.certificate,
        key: admin.key,
      },
      transport: (user, program) => server.transport(user, program),
      signSecretToken: (...about) => issuer.issueForSecret(...about),
      letIn: async (address, mayEnter) =>
        listening.letIn(address, await certificates.serverFor([address]), mayEnter),
      connectNodes: (access) => nodes.connect(access),
      async stop() {
        stop.abort(new Error('process is shutting down'));
        await listening.stop();
        requestAuthorizer.close();
        authorizer.close();
        await audit?.close();
        await storage.close();
      },
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** Writes down that the token of a Secret is still in use. The request that showed it does not wait for that. */
async function noteUse(
  transport: Transport,
  { metadata: { namespace = '', name, uid } }: DeepReadonly<Secret>,
  labels: Readonly<Record<string, string>>,
  log: Logger,
): Promise<void> {
  try {
    await transport.send({
      verb: 'patch',
      group: '',
      version: 'v1',
      resource: 'secrets',
      namespace,
      name,
      patchType: 'application/merge-patch+json',
      body: { metadata: { uid, labels } },
    });
  } catch (error) {
    log.warn({ error, namespace, name }, 'the use of a token could not be noted at its Secret');
  }
}

/** Where Secrets lie in the store. */
const SECRETS = ['/core/secrets/'];

async function openStore(
  backend: 'sqlite' | 'memory',
  { store: directory, secretsKey }: DataDirectory,
  rotate: boolean,
): Promise<Storage> {
  if (backend === 'memory') return openMemoryStorage({ clock: systemClock });
  const keys = secretsKeys(secretsKey, rotate);
  try {
    const seal = new AesGcmSeal(SECRETS, keys, secretsKey);
    const storage = await openSqliteStorage({ directory, seal, clock: systemClock });
    // An open store has written everything anew that an older key had encrypted.
    dropOldKeys(secretsKey, keys);
    return storage;
  } catch (error) {
    if (error instanceof StorageError) throw new UserError(error.message, { cause: error });
    throw error;
  }
}

async function listenOrExplain(
  server: ApiServer,
  options: Parameters<ApiServer['listen']>[0],
): Promise<Listening> {
  try {
    return await server.listen(options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const { address, port } = options;
    const known: Readonly<Record<string, string>> = {
      EADDRINUSE: `port ${port} of ${address} is in use: choose another with --port, or --port 0 for any free one`,
      EADDRNOTAVAIL: `${address} is no address of this machine: choose another with --bind`,
      ENOTFOUND: `${address} is no address of this machine: choose another with --bind`,
      EACCES: `port ${port} may not be used by this user: choose one above 1023 with --port`,
    };
    const message = known[String(code)];
    if (message === undefined) throw error;
    throw new UserError(message, { cause: error });
  }
}

/** Stands for the node agents until they have started. */
class LateNodes implements NodeAccess {
  #nodes: NodeAccess | undefined;

  connect(nodes: NodeAccess): void {
    this.#nodes = nodes;
  }

  async open(...args: Parameters<NodeAccess['open']>): ReturnType<NodeAccess['open']> {
    return this.#there().open(...args);
  }

  async exec(...args: Parameters<NodeAccess['exec']>): ReturnType<NodeAccess['exec']> {
    return this.#there().exec(...args);
  }

  async attach(...args: Parameters<NodeAccess['attach']>): ReturnType<NodeAccess['attach']> {
    return this.#there().attach(...args);
  }

  async ports(...args: Parameters<NodeAccess['ports']>): ReturnType<NodeAccess['ports']> {
    return this.#there().ports(...args);
  }

  #there(): NodeAccess {
    if (this.#nodes === undefined) throw newServiceUnavailable('no node agent runs in this server');
    return this.#nodes;
  }
}
