/** The API server of this process: store, kinds, certificates, HTTPS, put together. */
import type { Transport, UserInfo } from '../../apimachinery/api-request.ts';
import { systemClock } from '../../apimachinery/clock.ts';
import { systemRandom } from '../../apimachinery/random.ts';
import { loadDescriptions } from '../../apis/openapi/descriptions.ts';
import { loadFieldNumbers } from '../../apis/openapi/field-numbers.ts';
import { schemas } from '../../apis/openapi/index.ts';
import type { LevelVersion } from '../../apis/pod-security/index.ts';
import {
  ApiServer,
  AuditLog,
  type Certificates,
  type HealthCheck,
  openCertificates,
  type TokenAuthenticator,
} from '../../apiserver/index.ts';
import type { ClusterAccess, Logger } from '../../client/index.ts';
import {
  admission,
  allResources,
  allVirtualResources,
  batchMetrics,
  bootstrapTokens,
  ensureInitialObjects,
  FORMER_TYPES,
  GROUP_ORDER,
  issuerDiscovery,
  NodeAuthorizer,
  RbacAuthorizer,
  TokenIssuer,
  TokenKey,
} from '../../registry/index.ts';
import { keepExpiring, type Storage } from '../../storage/index.ts';
import { advertisedAddress, namesFor } from '../addresses.ts';
import type { DataDirectory } from '../data-directory/data-directory.ts';
import { tokenKeyPem } from '../data-directory/token-key-file.ts';
import { LateNodes, type NodeAccess } from '../nodes/late-nodes.ts';
import { listenOrExplain } from './listen.ts';
import { openStore } from './open-store.ts';
import { noteSecretTokenUse } from './secret-token-use.ts';

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
  /** The parts of the control plane beside the store, as `kubectl get componentstatuses` names them. Default: none. */
  readonly components?: readonly HealthCheck[];
  /** Lines of `/metrics` about the components of this process. Default: none. */
  readonly metrics?: () => string;
}

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
export async function startServer(options: ServerOptions): Promise<Server> {
  const { data, store, rotateSecretsKey = false, listen } = options;
  const [storage, certificates] = await Promise.all([
    openStore(store, data, rotateSecretsKey),
    openCertificates({ directory: data.pki, clock: systemClock, names: namesFor(listen.address) }),
  ]);
  try {
    const { server, issuer, nodes, stopping, close } = await assemble(storage, options);
    await ensureInitialObjects(server.transport(INSTALLER));
    // Nobody has been told of a state before the first objects: whoever asks for one hears that it is too old, as on a
    // cluster that has been up for some minutes.
    storage.forgetPast();
    const listening = await listenOrExplain(server, { ...listen, certificates });
    const stopExpiring = keepExpiring(storage, systemClock);
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
        stopping.abort(new Error('process is shutting down'));
        await listening.stop();
        await close();
        stopExpiring();
        await storage.close();
      },
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** An API server that listens nowhere yet, and what of it the rest of the process has to do with. */
interface Assembled {
  readonly server: ApiServer;
  readonly issuer: TokenIssuer;
  readonly nodes: LateNodes;
  /** Aborted once no new requests are to come: `/readyz` says so. */
  readonly stopping: AbortController;
  /** Ends what follows the store, and what writes beside it. */
  readonly close: () => Promise<void>;
}

/** Puts the API server together from the kinds, who may do what, and who vouches for whom. */
async function assemble(storage: Storage, options: ServerOptions): Promise<Assembled> {
  const { data, podSecurity, log, logRequests = false, readiness = [], components = [] } = options;
  const { metrics = () => '' } = options;
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
    onSecretUse: (secret, labels) =>
      void noteSecretTokenUse(server.transport(INSTALLER), secret, labels, log),
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
    agents: nodes,
    consumption: nodes,
    tokens: issuer,
    components: [...components, { name: 'etcd-0', check: () => storage.ready() }],
    authorizer,
    requestAuthorizer,
    ...(podSecurity === undefined ? {} : { podSecurity }),
    tokenAuthenticators,
  };
  const stopping = new AbortController();
  const audit =
    options.audit === true ? new AuditLog({ directory: data.audit, clock: systemClock, log }) : undefined;
  const server = new ApiServer({
    storage,
    authorizer: requestAuthorizer,
    tokens: tokenAuthenticators,
    schemas,
    fieldNumbers: loadFieldNumbers,
    descriptions: loadDescriptions,
    resources: allResources(dependencies),
    virtualResources: allVirtualResources(dependencies),
    groupOrder: GROUP_ORDER,
    formerTypes: FORMER_TYPES,
    admission: admission(dependencies),
    clock: systemClock,
    random: systemRandom,
    log,
    metrics: async () => metrics() + (await batchMetrics(storage)),
    logRequests,
    paths: issuerDiscovery(issuer, key),
    readiness: [...readiness, { name: 'shutdown', check: () => stopping.signal.throwIfAborted() }],
    ...(audit === undefined ? {} : { audit }),
  });
  const close = async (): Promise<void> => {
    requestAuthorizer.close();
    authorizer.close();
    await audit?.close();
  };
  return { server, issuer, nodes, stopping, close };
}
