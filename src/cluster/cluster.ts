/** Starts the parts of a cluster in this process, in order, and stops them in the opposite one. */
import { hostname, tmpdir } from 'node:os';
import { systemClock } from '../apimachinery/clock.ts';
import { systemRandom } from '../apimachinery/random.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  ComponentMetrics,
  componentContext,
  type Logger,
  newClient,
  writeKubeconfig,
} from '../client/index.ts';
import { newLocalPathProvisioner } from '../controllers/local-path/index.ts';
import { newScheduler } from '../scheduler/index.ts';
import { isLoopback } from './addresses.ts';
import { type NodePatience, newControlLoops } from './control-loops.ts';
import type { DataDirectory } from './data-directory/data-directory.ts';
import { clearPassedDirectories, keepDirectory } from './data-directory/passing-directory.ts';
import { type NodeFlags, nodeSettings } from './nodes/node-flags.ts';
import { newNodes } from './nodes/nodes.ts';
import { RemoteNodes } from './nodes/remote-nodes.ts';
import { directoriesOf, volumeDirectories } from './nodes/volume-directories.ts';
import { processLog } from './process/log.ts';
import { parseRuntimeChoice, type RuntimeChoice } from './runtimes/runtime-choice.ts';
import { parsePodSecurity } from './server/pod-security-choice.ts';
import { type ServerOptions, startServer } from './server/server.ts';
import { UserError } from './user-error.ts';

/** Which parts a cluster has, where they listen, and where their data lie. */
export interface ClusterOptions {
  readonly data: DataDirectory;
  /** Default `sqlite`. */
  readonly store?: 'sqlite' | 'memory';
  /** Default 127.0.0.1 and a port that the system picks. */
  readonly listen?: { readonly address: string; readonly port: number };
  /** As `--runtime` takes it: auto, cri, cri=ENDPOINT, docker, docker=SOCKET, process, fake, none. */
  readonly runtime: string;
  /** About this machine's node. */
  readonly nodeFlags?: NodeFlags;
  /** Nodes of the fake runtime, default 1. With the runtime `auto` it chooses the fake one. */
  readonly fakeNodes?: number;
  /** Where the administrator's kubeconfig is written besides the data directory. */
  readonly kubeconfig?: string;
  /** Default: 40 seconds until a node that is silent is unreachable, 30 more until a Job's pods on it are replaced. */
  readonly nodePatience?: Partial<NodePatience>;
  /** Longest life in milliseconds of a certificate that is signed for a node agent or another client. Default a year. */
  readonly signingMs?: number;
  /** Whether the pods end with the cluster. Default false: containers go on, and a later start takes them up again. */
  readonly killPodsOnStop?: boolean;
  /** Whether Secrets are encrypted anew with a new key. Default false. */
  readonly rotateSecretsKey?: boolean;
  /** What namespaces without labels ask of their pods, as `--pod-security` takes it. Default `privileged`. */
  readonly podSecurity?: string;
  /** Whether requests over HTTP are noted in the audit log of the data directory. Default false. */
  readonly audit?: boolean;
  /** Least severe log lines that go to stderr. Default `warn`. */
  readonly logLevel?: 'debug' | 'warn' | 'error';
}

/** A running cluster. */
export interface Cluster {
  readonly url: string;
  /** Under which other machines reach it. */
  readonly joinUrl: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** The runtime in use, in words: `containerd 1.6.20 at …`, `process`, `fake`, `none`. */
  readonly runtime: string;
  /** What the user should be told once, a line each. */
  readonly notices: readonly string[];
  /** The administrator's client, in process. */
  readonly client: Client;
  /** Informers and clock on that client, for whoever follows what happens. */
  readonly context: ComponentContext & { startInformers(): Promise<void> };
  /** Ends everything in order. Idempotent. */
  stop(): Promise<void>;
}

/** A node's lease lasts as long; `up --node-monitor-grace-period` and `--pod-eviction-timeout` change it. */
const NODE_PATIENCE: NodePatience = { graceMs: 40_000, podEvictionMs: 30_000 };

/** The in-process components act as this user; the server's own rules still hold for them. */
const CONTROL_PLANE = { username: 'system:longshore', groups: ['system:masters', 'system:authenticated'] };

function chosenRuntime({ runtime, fakeNodes }: ClusterOptions): RuntimeChoice {
  const choice = parseRuntimeChoice(runtime);
  if (fakeNodes === undefined || choice.kind === 'fake') return choice;
  if (choice.kind === 'auto') return { kind: 'fake' };
  throw new UserError(`--fake-nodes goes with --runtime fake, not ${runtime}`);
}

/**
 * Starts a cluster and resolves when all its parts answer.
 *
 * @throws {UserError} for a port in use, a data directory in use, a runtime that does not answer; nothing is left running.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const choice = chosenRuntime(options);
  const settings = nodeSettings(options.nodeFlags ?? {});
  const log = processLog(options.logLevel ?? 'warn');
  const metrics = new ComponentMetrics();
  const patience = { ...NODE_PATIENCE, ...options.nodePatience };
  if (options.killPodsOnStop !== true) keepDirectory(options.data.root);
  await using parts = new AsyncDisposableStack();
  const start = new StartOfComponents();
  const server = await startServer(serverOptions(options, log, metrics, start));
  parts.defer(() => server.stop());
  for (const file of new Set([options.data.kubeconfig, options.kubeconfig ?? options.data.kubeconfig])) {
    writeKubeconfig(file, 'longshore', server.adminAccess);
  }

  const client = newClient(server.transport(CONTROL_PLANE, 'kube-controller-manager'));
  const context = componentContext({ client, clock: systemClock, random: systemRandom, log, metrics });
  parts.defer(() => context.stop());
  // What these write is told under the names that their programs have upstream.
  const contextOf = (program: string): ComponentContext => ({
    ...context,
    client: newClient(server.transport(CONTROL_PLANE, program)),
  });
  const apiServer = { host: server.advertised, port: server.port };
  const remote = new RemoteNodes(context, server.certificates);
  const nodes = await newNodes({
    context: contextOf('kubelet'),
    choice,
    fakeNodes: options.fakeNodes ?? 1,
    directory: options.data.kubelet,
    settings,
    killPodsOnStop: options.killPodsOnStop === true,
    leaseMs: patience.graceMs,
    remote,
    // Whoever reaches this machine by its own address needs no other.
    apiServer: isLoopback(server.advertised)
      ? { ...apiServer, letIn: (...through) => server.letIn(...through) }
      : apiServer,
  });
  parts.defer(() => nodes.close());
  server.connectNodes(nodes.access);
  const nodeNames = nodes.kubelets.map(({ nodeName }) => nodeName);
  const components: readonly Component[] = [
    ...newControlLoops(context, { ...server.certificates, signingMs: options.signingMs }, patience, {
      address: apiServer,
      signSecretToken: server.signSecretToken,
    }),
    newScheduler(contextOf('kube-scheduler'), { host: hostname() }),
    ...nodes.kubelets,
    newLocalPathProvisioner(
      context,
      nodeNames,
      directoriesOf(nodeNames, volumeDirectories(options.data.volumes), remote.volumes),
    ),
  ];
  for (const component of components) parts.defer(() => component.stop());
  await Promise.all(components.map((component) => component.start()));
  start.isOver = true;
  clearAfterOthers(log);

  const running = parts.move();
  return {
    url: server.url,
    joinUrl: `https://${server.advertised.includes(':') ? `[${server.advertised}]` : server.advertised}:${server.port}`,
    kubeconfig: options.kubeconfig ?? options.data.kubeconfig,
    runtime: nodes.description,
    notices: nodes.notices,
    client,
    context,
    stop: () => running.disposeAsync(),
  };
}

/** Whether the components have started, for those who ask about their health. */
class StartOfComponents {
  isOver = false;

  readonly assertOver = (): void => {
    if (!this.isOver) throw new Error('the components have not started yet');
  };
}

function serverOptions(
  options: ClusterOptions,
  log: Logger,
  metrics: ComponentMetrics,
  { assertOver }: StartOfComponents,
): ServerOptions {
  return {
    data: options.data,
    store: options.store ?? 'sqlite',
    listen: options.listen ?? { address: '127.0.0.1', port: 0 },
    rotateSecretsKey: options.rotateSecretsKey === true,
    podSecurity: parsePodSecurity(options.podSecurity ?? 'privileged'),
    log,
    readiness: [{ name: 'informer-sync', check: assertOver }],
    // They start together, and one that breaks ends the process.
    components: ['controller-manager', 'scheduler'].map((name) => ({ name, check: assertOver })),
    audit: options.audit === true,
    logRequests: options.logLevel === 'debug',
    metrics: () => metrics.text(),
  };
}

/** Removes directories of runs that were killed; how that comes out is for the log alone. */
function clearAfterOthers(log: Logger): void {
  clearPassedDirectories(tmpdir())
    .then(
      (directories) => directories.length > 0 && log.info({ directories }, 'removed what killed runs left'),
    )
    .catch((error: unknown) => log.warn({ error }, 'what killed runs left could not be removed'));
}
