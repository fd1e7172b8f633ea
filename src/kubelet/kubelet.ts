/** The node agent: puts a node's parts together, starts them in order, and stops them in the opposite one. */
import { mkdir } from 'node:fs/promises';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { PodLogOptions } from '../apis/core/index.ts';
import type { Node, Pod, Taint } from '../apis/core/types.ts';
import {
  type Component,
  type ComponentContext,
  type EventRecorder,
  type Informer,
  NODES,
} from '../client/index.ts';
import { findGroupTree, type GroupTree, NO_CGROUPS, PodGroups } from './cgroups/index.ts';
import { type ClusterDns, parseResolvConf } from './container/pod-network.ts';
import { limitsBeside } from './container/resources.ts';
import { DeviceAllocator } from './devices/index.ts';
import { ConfigSource } from './environment/config-source.ts';
import { ServiceLinks } from './environment/service-links.ts';
import { AbandonedPods } from './housekeeping/abandoned-pods.ts';
import { FoundPods } from './housekeeping/found-pods.ts';
import { LogRotation } from './housekeeping/log-rotation.ts';
import type { NodeGuard } from './housekeeping/node-guard.ts';
import { ImageAccess } from './images/image-access.ts';
import { ImagePuller } from './images/image-puller.ts';
import { NodeNames, readRoutes } from './names/index.ts';
import { type Machine, readMachine } from './node/machine.ts';
import { nodeConfiguration } from './node/node-configuration.ts';
import { type NodeTraits, nodeAllocatable, nodeCapacity } from './node/node-object.ts';
import { LEASE_MS, NodeRegistration } from './node/node-registration.ts';
import { NodeReporter } from './node/node-reporter.ts';
import { PodSource } from './node/pod-source.ts';
import { ServiceAccountTokens } from './node/service-account-tokens.ts';
import { DEFAULT_NODE_SETTINGS, type NodeSettings } from './node-settings.ts';
import { misfitOf } from './pod/fit.ts';
import type { NodeServices } from './pod/node-services.ts';
import { appArmorRefusal, type Refusal } from './pod/refusal.ts';
import { UserRanges } from './pod/user-ranges.ts';
import { PodDirectories } from './pod-directories.ts';
import { PodWorkers } from './pod-workers.ts';
import { OwnerRegister } from './runtimes/owner-register.ts';
import type { Runtime } from './runtimes/runtime.ts';
import { LogService } from './server/log-service.ts';
import { StreamService } from './server/stream-service.ts';
import { ServerAccess, type ServerLocation } from './server-access.ts';
import { StatusWriter } from './status/status-writer.ts';
import { MemoryDisk } from './volumes/memory-disk.ts';

/** Name by which events call their sender. */
const COMPONENT = 'kubelet';

/** What a node is made of. */
export interface KubeletOptions {
  readonly context: ComponentContext;
  /** Must be a valid name of a Node object. */
  readonly nodeName: string;
  /** Owned by whoever made it: stopping the kubelet does not close it. */
  readonly runtime: Runtime;
  /** For logs, volumes and what else pods need; made when it is missing. */
  readonly rootDirectory: string;
  /** Shared by the nodes of one process. Default: a source of this node's pods alone. */
  readonly pods?: PodSource;
  /** Read once for all nodes of one process. Default: read at the start. */
  readonly machine?: Machine;
  /** Replaces, or adds to, what the machine has. */
  readonly capacity?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Default: the kubelet's. */
  readonly settings?: Partial<NodeSettings>;
  /** Default: this node answers its pods itself, where they have addresses of their own. */
  readonly dns?: ClusterDns;
  /** Where pods reach the API server; absent: they are not told. */
  readonly apiServer?: ServerLocation;
  /** The port of the node's own server, as its object tells it. Default 0: it has none. */
  readonly serverPort?: number;
  /** Milliseconds for which the node's lease stands for a node that works; it is renewed four times as often. Default 40 seconds. */
  readonly leaseMs?: number;
  /** Whether `stop` ends all pods' containers. Default false: they go on, to be found by the next start. */
  readonly killPodsOnStop?: boolean;
}

/** See the file's head. */
export class Kubelet implements Component {
  readonly name: string;
  readonly nodeName: string;
  /** Commands in containers, and ports of pods, of this node. */
  readonly streams: StreamService;
  /** What the node tells of itself and of what its pods use. */
  readonly reports: NodeReporter;
  readonly #options: KubeletOptions;
  readonly #settings: NodeSettings;
  readonly #events: EventRecorder;
  readonly #workers: PodWorkers;
  readonly #statuses: StatusWriter;
  readonly #directories: PodDirectories;
  readonly #pods: PodSource;
  readonly #logs: LogService;
  readonly #devices: DeviceAllocator;
  #machine: Machine | undefined;
  #cgroups: GroupTree | undefined;
  #services: NodeServices | undefined;
  #registration: NodeRegistration | undefined;
  #rotation: LogRotation | undefined;
  #guard: NodeGuard | undefined;
  #abandoned: AbandonedPods | undefined;
  #names: NodeNames | undefined;
  readonly #found: FoundPods;
  #stopListening: () => void = () => {};
  #stopped = false;

  constructor(options: KubeletOptions) {
    const { context, nodeName } = options;
    this.name = `${COMPONENT}/${nodeName}`;
    this.nodeName = nodeName;
    this.#options = options;
    this.#settings = { ...DEFAULT_NODE_SETTINGS, ...options.settings };
    this.#devices = new DeviceAllocator(this.#settings.extendedResources);
    this.#events = context.recorder(COMPONENT, nodeName);
    this.#statuses = new StatusWriter(context);
    this.#directories = new PodDirectories(options.rootDirectory);
    this.#pods = options.pods ?? new PodSource(context, nodeName);
    this.#found = new FoundPods(options.runtime, this.#devices, this.#directories, context.log);
    this.#workers = new PodWorkers(this.#found);
    this.streams = new StreamService(options.runtime, (uid) => this.#workers.get(uid));
    this.#logs = new LogService(context.clock, this.#directories, (uid) => this.#workers.get(uid));
    this.reports = new NodeReporter({
      clock: context.clock,
      nodeName,
      runtime: options.runtime,
      directories: this.#directories,
      machine: () => this.#machine,
      groups: () => this.#services?.groups,
      workers: () => this.#workers.values(),
      pods: () => this.#pods.of(nodeName),
      configuration: () => this.#configuration(),
      ended: () => this.#statuses.ends.all(),
    });
  }

  /** Registers the node, takes up the pods that the runtime still has, and resolves when pods can be run. */
  async start(): Promise<void> {
    const { context, runtime, nodeName } = this.#options;
    if (runtime.traits.files) {
      await mkdir(this.#directories.files, { recursive: true, mode: 0o700 });
      await mkdir(this.#directories.logs, { recursive: true, mode: 0o755 });
    }
    const machine = this.#options.machine ?? (await readMachine(this.#options.rootDirectory));
    this.#machine = machine;
    const { cgroupParents, joinsCgroups } = runtime.traits;
    this.#cgroups = await findGroupTree(joinsCgroups ? 'path' : cgroupParents, context.clock);
    this.#services = this.#makeServices(machine);
    this.#workers.equip(this.#services);
    const traits = this.#nodeTraits();
    const { leaseMs } = this.#options;
    this.#registration = new NodeRegistration({
      ...context,
      runtime,
      traits,
      machine,
      nodes: this.#ownNode(),
      ...(leaseMs === undefined ? {} : { leaseMs }),
      pressures: () => this.#guard?.pressures ?? new Set(),
    });
    this.#stopListening = runtime.onEvent((event) => this.#workers.exited(event));
    await this.#reserve(machine);
    if (runtime.traits.files) await this.#startGuard();
    await Promise.all([this.#registration.start(), this.#pods.start(), this.#found.find()]);
    if (this.#stopped) return;
    // Whoever started this node is told by who opened the runtime; the log need not say it again.
    for (const warning of runtime.traits.warnings) this.#tellOfNode('RuntimeLimits', warning);
    const present = this.#pods.listen(nodeName, {
      observed: (pod) => {
        if (!this.#stopped) this.#workers.observed(pod);
      },
      removed: (pod) => this.#workers.removed(pod),
    });
    for (const pod of present) this.#workers.observed(pod);
    await this.#found.clearOrphans(present, this.#workers, this.#services.groups);
    this.#clearAbandoned();
    if (runtime.traits.files) {
      const { logs } = this.#settings;
      this.#rotation = new LogRotation(context.clock, runtime, this.#directories, logs, () =>
        this.#workers.values(),
      );
      this.#rotation.start();
    }
  }

  /** Stops looking after pods; their containers end too if the options say so. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#pods.leave(this.#options.nodeName);
    this.#stopListening();
    this.#rotation?.stop();
    this.#guard?.stop();
    this.#abandoned?.stop();
    this.#logs.stop();
    await this.#registration?.stop();
    await this.#workers.detach();
    if (this.#options.killPodsOnStop === true) await this.#workers.killAll();
    await this.#services?.memoryDisk.close();
    await this.#statuses.stop();
    await this.#names?.stop();
    const { owner } = this.#options.runtime.traits;
    const cleared = await this.#services?.groups?.close();
    if (cleared === true && owner !== undefined) new OwnerRegister().leave(owner);
  }

  /** The pod of that name, if it is bound to this node. */
  pod(namespace: string, name: string): DeepReadonly<Pod> | undefined {
    const pod = this.#pods.find(namespace, name);
    return pod?.spec.nodeName === this.nodeName ? pod : undefined;
  }

  /**
   * The log of a container of a pod of this node, as it was written. Rejects with the StatusError that the client gets
   * when there is none.
   */
  logs(
    pod: DeepReadonly<Pod>,
    request: PodLogOptions,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    return this.#logs.open(pod, request, signal);
  }

  #makeServices(machine: Machine): NodeServices {
    const { context, runtime, apiServer, nodeName } = this.#options;
    const { client, clock, log } = context;
    const config = new ConfigSource(client);
    const tokens = new ServiceAccountTokens(client, clock);
    const imageAccess = new ImageAccess(runtime.traits.images ? this.#directories.imageAccess : undefined);
    const events = this.#events;
    const access = apiServer && this.#makeAccess(apiServer);
    const hostDns = parseResolvConf(machine.resolvConf);
    const dns = this.#options.dns ?? { servers: [], domain: 'cluster.local' };
    if (this.#options.dns === undefined && runtime.traits.podAddresses) {
      this.#names = this.#makeNames(dns.domain, hostDns.servers, access);
    }
    return {
      client,
      clock,
      log,
      events,
      runtime,
      config,
      statuses: this.#statuses,
      images: new ImagePuller({
        images: runtime.traits.images ? runtime.images : undefined,
        clock,
        events,
        access: imageAccess,
      }),
      directories: this.#directories,
      memoryDisk: new MemoryDisk(this.#directories.memory, runtime.traits.seesMounts),
      userRanges: new UserRanges(this.#directories),
      statusContext: {
        runtime: runtime.traits.name,
        hostIPs: machine.addresses,
        podAddresses: runtime.traits.podAddresses,
        volumes: volumesOf(runtime.traits),
      },
      hostname: nodeName,
      hostHosts: machine.hosts,
      settings: this.#settings,
      devices: this.#devices,
      groups:
        this.#cgroups === undefined
          ? undefined
          : new PodGroups(this.#cgroups, runtime.traits.owner ?? nodeName, {
              pageSizes: machine.cgroups?.pageSizes ?? [],
              tasksMax: this.#settings.podTasksMax,
            }),
      cgroupTraits: machine.cgroups ?? NO_CGROUPS,
      dns,
      hostDns,
      names: this.#names,
      allocatable: nodeAllocatable(nodeCapacity(this.#nodeTraits(), machine), this.#nodeTraits()),
      admit: (pod) =>
        this.#guard?.admit(pod) ??
        this.#misfit(pod) ??
        (runtime.traits.images ? appArmorRefusal(pod.spec, machine.appArmor === true) : undefined),
      memoryCapacity: machine.memory,
      missingFor: (pod) => this.#misfit(pod)?.message,
      links: runtime.traits.files ? new ServiceLinks(context) : undefined,
      access,
      token: (pod, projection) => tokens.token(pod, projection),
      finished: (uid) => {
        this.#devices.release(uid);
        tokens.forget(uid);
        this.#workers.left(uid);
      },
    };
  }

  /** Where nothing really runs, thousands of pods come and go each second, and only the scheduler places them. */
  #misfit({ spec, metadata }: DeepReadonly<Pod>): Refusal | undefined {
    // What others said of the node since it reported last, a label for these very pods say, is what the scheduler went by.
    const node = this.#ownNode().lister.get('', this.nodeName) ?? this.#registration?.node;
    if (node === undefined || this.#services === undefined || !this.#options.runtime.traits.files) {
      return undefined;
    }
    return misfitOf(spec, {
      name: this.nodeName,
      labels: node.metadata.labels ?? {},
      allocatable: this.#services.allocatable,
      others: this.#workers.grantedBeside(metadata.uid),
    });
  }

  #makeAccess(server: ServerLocation): ServerAccess {
    const unable = (why: string): void => this.#warn('ServerOutOfReach', why);
    return new ServerAccess({ server, routes: readRoutes, unable });
  }

  #makeNames(domain: string, upstream: readonly string[], access: ServerAccess | undefined): NodeNames {
    const { context, apiServer } = this.#options;
    return new NodeNames({
      context,
      domain,
      upstream,
      routes: readRoutes,
      serverPort: async (address) => ((await access?.open(address)) ? apiServer?.port : undefined),
      unable: (why) => this.#warn('NamesUnavailable', why),
    });
  }

  /** Nodes of one process share the informer of all nodes, which the scheduler has there already. */
  #ownNode(): Informer<Node> {
    const { context, nodeName, pods } = this.#options;
    if (pods !== undefined) return context.informer(NODES);
    return context.informer(NODES, { fieldSelector: `metadata.name=${nodeName}` });
  }

  /** What is reserved for the machine is kept from all pods together. */
  async #reserve(machine: Machine): Promise<void> {
    const { reserved } = this.#settings;
    if (Object.keys(reserved).length === 0) return;
    await this.#services?.groups?.limit(limitsBeside(reserved, machine));
  }

  /** Watches memory and disk; where nothing is written, nothing uses them. */
  async #startGuard(): Promise<void> {
    const { context, runtime } = this.#options;
    const { clock, log } = context;
    const { NodeGuard: Guard } = await import('./housekeeping/node-guard.ts');
    this.#guard = new Guard({
      clock,
      log,
      events: this.#events,
      runtime,
      settings: this.#settings,
      directories: this.#directories,
      groups: this.#services?.groups,
      workers: () => this.#workers.values(),
      changed: () => this.#registration?.hurry(),
      tell: (reason, message) => this.#tellOfNode(reason, message),
    });
    await this.#guard.start();
  }

  #nodeTraits(): NodeTraits {
    const { nodeName, labels, taints, capacity, runtime, serverPort } = this.#options;
    const { reserved, evictionHard } = this.#settings;
    return {
      name: nodeName,
      ...(labels === undefined ? {} : { labels }),
      ...(taints === undefined ? {} : { taints }),
      capacity: { ...this.#devices.capacity, ...capacity },
      reserved,
      ...(serverPort === undefined ? {} : { serverPort }),
      ...(runtime.traits.files ? { evictionHard } : {}),
    };
  }

  #configuration(): object {
    const { leaseMs = LEASE_MS, serverPort: port = 0, dns } = this.#options;
    const pods = Number(this.#machine && nodeCapacity(this.#nodeTraits(), this.#machine)['pods']);
    return nodeConfiguration(this.#settings, { leaseMs, pods, port, domain: dns?.domain ?? 'cluster.local' });
  }

  /** Tells of something that this node cannot do, in the log and by an event. */
  #warn(reason: string, warning: string): void {
    this.#options.context.log.warn({ node: this.nodeName }, warning);
    this.#tellOfNode(reason, warning);
  }

  #tellOfNode(reason: string, warning: string): void {
    const node = this.#registration?.node;
    if (node === undefined) return;
    this.#events.event({ ...node, apiVersion: 'v1', kind: 'Node' }, 'Warning', reason, warning);
  }

  #clearAbandoned(): void {
    const { runtime, context } = this.#options;
    if (runtime.traits.owner === undefined) return;
    const { clock, log } = context;
    const groups = this.#services?.groups;
    const directory = this.#directories.root;
    this.#abandoned = new AbandonedPods({ clock, log, runtime, groups, directory });
    this.#abandoned.start();
  }
}

function volumesOf({ files, features }: Runtime['traits']): 'none' | 'plain' | 'recursive' {
  if (!files) return 'none';
  return features.recursiveReadOnlyMounts ? 'recursive' : 'plain';
}
