/** A machine's node agent by itself: joins the cluster of a server elsewhere, and goes on with what it had before. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../apimachinery/clock.ts';
import { systemRandom } from '../../apimachinery/random.ts';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import {
  KUBELET_CLIENT_SIGNER,
  KUBELET_SERVING_SIGNER,
  NODE_USER_PREFIX,
} from '../../apis/certificates/node-certificates.ts';
import {
  type Client,
  type ComponentContext,
  componentContext,
  type Logger,
  newClient,
  newHttpsTransport,
  Reconnection,
} from '../../client/index.ts';
import {
  callerReviews,
  type KeyPair,
  Kubelet,
  NodeCertificate,
  NodeServer,
  readMachine,
} from '../../kubelet/index.ts';
import { isLoopback } from '../addresses.ts';
import { takeAgentDirectory } from '../data-directory/agent-directory.ts';
import { type NodeFlags, nodeSettings } from '../nodes/node-flags.ts';
import { volumeDirectories } from '../nodes/volume-directories.ts';
import { processLog } from '../process/log.ts';
import { openRuntime } from '../runtimes/open-runtime.ts';
import { parseRuntimeChoice } from '../runtimes/runtime-choice.ts';
import { UserError } from '../user-error.ts';
import { PATIENCE } from './agent-patience.ts';
import { firstCertificate, joinBy } from './node-joining.ts';
import { serverAuthority } from './server-authority.ts';

/** How a machine joins, and as what. */
export interface AgentOptions {
  /** `https://host:port`. */
  readonly server: string;
  /** A bootstrap token; needed until the node has its own certificate. */
  readonly token?: string;
  /** `sha256:…` of the public key of the server's authority, as `token create` prints it. */
  readonly caCertHash?: string;
  /** A PEM file with the server's authority, instead of its hash. */
  readonly caFile?: string;
  /** Default: the host's name. */
  readonly nodeName?: string;
  /** As `--runtime` takes it, but for `none`. */
  readonly runtime: string;
  readonly dataDirectory: string;
  /** Port of the agent's own server. */
  readonly port: number;
  /** Milliseconds for which the node's lease stands for a node that works. */
  readonly leaseMs: number;
  readonly nodeFlags: NodeFlags;
  readonly logLevel: 'debug' | 'warn' | 'error';
}

/** A node agent that runs. */
export interface Agent {
  readonly nodeName: string;
  readonly runtime: string;
  readonly notices: readonly string[];
  stop(): Promise<void>;
}

/** Longest pause in milliseconds between two tries to take a watch up again; short for the reason of {@link PATIENCE}. */
const RETRY_MS_MAX = 2_000;

/**
 * Joins and resolves when the node takes pods. A server that cannot be reached is waited for.
 *
 * @throws {UserError} for a wrong token or hash, a runtime that does not answer, a port or a data directory in use.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const choice = parseRuntimeChoice(options.runtime);
  if (choice.kind === 'none') throw new UserError('an agent needs a runtime: auto, cri, process or fake');
  const nodeName = (options.nodeName ?? hostname()).toLowerCase();
  const log = processLog(options.logLevel);
  await using parts = new AsyncDisposableStack();
  parts.defer(takeAgentDirectory(options.dataDirectory));
  const ca = await serverAuthority(options, log);
  const pki = join(options.dataDirectory, 'pki');
  const shared = {
    clock: systemClock,
    random: systemRandom,
    log,
    ca,
    commonName: NODE_USER_PREFIX + nodeName,
  };
  const identity = new NodeCertificate({
    ...shared,
    file: join(pki, 'kubelet-client.pem'),
    signerName: KUBELET_CLIENT_SIGNER,
    usage: 'client auth',
  });
  parts.defer(() => identity.stop());
  const pair = (await identity.stored()) ?? (await joinBy(options, ca, identity, log));
  const context = connect(options.server, ca, identity, pair, log, parts);
  const { client } = context;
  const directory = join(options.dataDirectory, 'kubelet');
  const opened = await openRuntime({ choice, context, directory, endsWithProcess: false });
  if (opened === undefined) throw new UserError(`no runtime at ${options.runtime}`);
  const { runtime, notices } = opened;
  parts.defer(() => runtime.close());
  const { hostname: host, port } = new URL(options.server);
  const machine = await readMachine(directory);
  const kubelet = new Kubelet({
    context,
    nodeName,
    runtime,
    rootDirectory: directory,
    machine,
    settings: nodeSettings(options.nodeFlags),
    apiServer: { host, port: Number(port || 443) },
    serverPort: options.port,
    leaseMs: options.leaseMs,
  });
  const volumes = volumeDirectories(join(options.dataDirectory, 'volumes'));
  const node = new NodeServer({
    ca,
    port: options.port,
    clock: systemClock,
    node: kubelet,
    volumes,
    reviews: callerReviews(client, nodeName),
    log,
  });
  parts.defer(() => node.stop());
  parts.defer(() => kubelet.stop());
  await kubelet.start();
  const own = machine.addresses.filter((address) => address !== host && !isLoopback(address));
  const serving = new NodeCertificate({
    ...shared,
    file: join(pki, 'kubelet-serving.pem'),
    signerName: KUBELET_SERVING_SIGNER,
    usage: 'server auth',
    names: own.length === 0 ? [nodeName] : own,
  });
  parts.defer(() => serving.stop());
  await serve(node, serving, client, options.port, log);
  const running = parts.move();
  const { name, version } = await runtime.version();
  return {
    nodeName,
    runtime: `${name} ${version}`,
    notices,
    stop: () => running.disposeAsync(),
  };
}

/**
 * The agent's way to its server, as the node that `identity` says it is, with a certificate that is renewed from now on.
 *
 * @param pair the certificate to begin with.
 * @param parts is given what to close.
 */
function connect(
  server: string,
  ca: string,
  identity: NodeCertificate,
  pair: KeyPair,
  log: Logger,
  parts: AsyncDisposableStack,
): ComponentContext {
  let current = pair;
  const reconnection = new Reconnection(systemClock);
  const transport = newHttpsTransport({
    server,
    ca,
    identity: () => ({ cert: current.certificate, key: current.key }),
    patience: PATIENCE,
    // What stands before the slash is whom managedFields tell of, as of any kubelet.
    userAgent: 'kubelet/longshore',
    clock: systemClock,
    connected: () => reconnection.reached(),
  });
  parts.defer(() => transport.close());
  const client = newClient(transport);
  identity.keep(pair, client, (renewed) => {
    current = renewed;
    transport.renew();
  });
  const context = componentContext({
    client,
    clock: systemClock,
    random: systemRandom,
    log,
    retryMsMax: RETRY_MS_MAX,
    reconnection,
  });
  parts.defer(() => context.stop());
  return context;
}

/** Has the node answer on its port, with a certificate that is renewed from now on. @throws {UserError} for a port in use. */
async function serve(
  node: NodeServer,
  serving: NodeCertificate,
  client: Client,
  port: number,
  log: Logger,
): Promise<void> {
  const pair = (await serving.stored()) ?? (await firstCertificate(serving, client, log));
  try {
    await node.start(pair);
  } catch (error) {
    if (systemCodeOf(error) !== 'EADDRINUSE') throw error;
    throw new UserError(`port ${port} is in use: choose another with --port`, { cause: error });
  }
  serving.keep(pair, client, (renewed) => node.renew(renewed));
}
