/** The node agents of this process and the runtime that they share. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { ComponentContext } from '../../client/index.ts';
import {
  Kubelet,
  LocalNodeServer,
  type NodeSettings,
  PodSource,
  readMachine,
  type ServerLocation,
} from '../../kubelet/index.ts';
import { openRuntime } from '../runtimes/open-runtime.ts';
import type { RuntimeChoice } from '../runtimes/runtime-choice.ts';
import type { NodeAccess } from './late-nodes.ts';

/** How many pods a fake node takes: they cost nothing but memory. */
const FAKE_CAPACITY = { cpu: '10000', memory: '100Ti', pods: '100000', 'ephemeral-storage': '100Ti' };

/** Which nodes, on what. */
export interface NodesOptions {
  readonly context: ComponentContext;
  readonly choice: RuntimeChoice;
  /** Of the fake runtime; every other has one node, this machine. */
  readonly fakeNodes: number;
  readonly directory: string;
  readonly settings: NodeSettings;
  readonly killPodsOnStop: boolean;
  /** Milliseconds for which a node's lease stands for a node that works. */
  readonly leaseMs: number;
  /** The way to nodes that are not of this process. */
  readonly remote: NodeAccess;
  /** Where pods reach the API server. */
  readonly apiServer: ServerLocation;
}

/** The node agents, not started yet. */
export interface Nodes {
  readonly kubelets: readonly Kubelet[];
  readonly access: NodeAccess;
  /** The runtime in words: `containerd 1.6.20`. */
  readonly description: string;
  /** What the user should be told once. */
  readonly notices: readonly string[];
  /** Releases the runtime, after the kubelets have stopped. */
  close(): Promise<void>;
}

/**
 * Makes the node agents that the choice asks for.
 *
 * @throws {UserError} for a runtime that does not answer.
 */
export async function newNodes(options: NodesOptions): Promise<Nodes> {
  const { choice, context } = options;
  const opened = await openRuntime({ ...options, endsWithProcess: options.killPodsOnStop });
  if (opened === undefined) {
    return {
      kubelets: [],
      access: accessTo([], options),
      description: 'none',
      notices: [],
      close: async () => {},
    };
  }
  const { runtime, notices } = opened;
  const { name, version } = await runtime.version();
  const machine = await readMachine(options.directory);
  const pods = new PodSource(context);
  const { killPodsOnStop, leaseMs } = options;
  const shared = { context, runtime, machine, pods, killPodsOnStop, leaseMs };
  const kubelets =
    choice.kind === 'fake'
      ? Array.from(
          { length: options.fakeNodes },
          (_, index) =>
            new Kubelet({
              ...shared,
              nodeName: `fake-${index}`,
              rootDirectory: join(options.directory, `fake-${index}`),
              capacity: FAKE_CAPACITY,
            }),
        )
      : [
          new Kubelet({
            ...shared,
            nodeName: hostname().toLowerCase(),
            rootDirectory: options.directory,
            settings: options.settings,
            apiServer: options.apiServer,
          }),
        ];
  return {
    kubelets,
    access: accessTo(kubelets, options),
    description: `${name} ${version}`,
    notices,
    close: () => runtime.close(),
  };
}

/** Finds the node that a pod is on, and asks it; one that is not of this process is asked for over the network. */
function accessTo(kubelets: readonly Kubelet[], { remote, context }: NodesOptions): NodeAccess {
  const byName = new Map(kubelets.map((kubelet) => [kubelet.nodeName, kubelet]));
  const servers = new Map<string, LocalNodeServer>();
  const serverOf = (node: Kubelet): LocalNodeServer => {
    const server = servers.get(node.nodeName) ?? new LocalNodeServer({ clock: context.clock, node });
    servers.set(node.nodeName, server);
    return server;
  };
  const here = ({ spec: { nodeName = '' } }: DeepReadonly<Pod>): Kubelet | undefined => byName.get(nodeName);
  return {
    open: async (pod, wanted, signal, trace) =>
      here(pod)?.logs(pod, wanted, signal) ?? remote.open(pod, wanted, signal, trace),
    exec: async (pod, container, command, wanted, trace) =>
      here(pod)?.streams.exec(pod, container, command, wanted) ??
      remote.exec(pod, container, command, wanted, trace),
    attach: async (pod, container, wanted, trace) =>
      here(pod)?.streams.attach(pod, container, wanted) ?? remote.attach(pod, container, wanted, trace),
    agent: async (name) => {
      const kubelet = byName.get(name);
      return kubelet === undefined ? remote.agent(name) : serverOf(kubelet).connect();
    },
    dial: (host, port) => remote.dial(host, port),
    consumption: async (name) => byName.get(name)?.reports.consumption() ?? remote.consumption(name),
    ports: async (pod, trace) => here(pod)?.streams.ports(pod) ?? remote.ports(pod, trace),
  };
}
