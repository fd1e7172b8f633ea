/** The node agents of this process and the runtime that they share. */
import { mkdirSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Pod } from '../apis/core/types.ts';
import type { ComponentContext } from '../client/index.ts';
import {
  Kubelet,
  type NodeSettings,
  newFakeRuntime,
  type Owner,
  openOwner,
  PodSource,
  type Runtime,
  readMachine,
  type ServerLocation,
} from '../kubelet/index.ts';
import type { RuntimeChoice } from './runtime-choice.ts';
import type { NodeAccess } from './server.ts';
import { UserError } from './user-error.ts';

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
  const runtime = await openRuntime({ ...options, endsWithProcess: options.killPodsOnStop });
  if (runtime === undefined) {
    return {
      kubelets: [],
      access: accessTo([], options.remote),
      description: 'none',
      notices: [],
      close: async () => {},
    };
  }
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
    access: accessTo(kubelets, options.remote),
    description: `${name} ${version}`,
    notices: runtime.traits.warnings,
    close: () => runtime.close(),
  };
}

/** How a runtime is opened, and for whom. */
export interface RuntimeOrder extends Pick<NodesOptions, 'choice' | 'context' | 'directory'> {
  /** Whether pods are to end with this process, however it ends. */
  readonly endsWithProcess: boolean;
}

/** Opens the runtime of the choice; undefined for `none`. @throws {UserError} when it does not answer. */
export async function openRuntime(order: RuntimeOrder): Promise<Runtime | undefined> {
  const { choice, context, directory } = order;
  switch (choice.kind) {
    case 'none':
      return undefined;
    case 'fake':
      return newFakeRuntime(context.clock);
    case 'process':
      return openProcessRuntime(context, directory);
    case 'cri':
      return openCriRuntime(order, choice.endpoint);
    case 'docker':
      return openDockerRuntime(order, choice.endpoint);
    case 'auto':
      return (
        (await openFoundCriRuntime(order)) ??
        (await openFoundDockerRuntime(order)) ??
        openProcessRuntime(context, directory)
      );
  }
}

async function openProcessRuntime({ clock, random }: ComponentContext, directory: string): Promise<Runtime> {
  const { newProcessRuntime } = await import('../kubelet/runtimes/process/index.ts');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return newProcessRuntime({ directory: join(directory, 'process'), clock, random });
}

/** The CRI client brings gRPC and protobuf with it, so it is loaded only where there is a socket to speak to. */
async function openCriRuntime(order: RuntimeOrder, endpoint: string | undefined): Promise<Runtime> {
  const { clock, log } = order.context;
  const { CONTAINERD_SOCKETS, CriError, findContainerdSocket, newCriRuntime } = await import(
    '../kubelet/runtimes/cri/index.ts'
  );
  const socket = endpoint ?? findContainerdSocket();
  if (socket === undefined) {
    const places = CONTAINERD_SOCKETS.join(', ');
    throw new UserError(
      `no containerd socket at ${places}: start containerd, or name one with --runtime cri=ENDPOINT`,
    );
  }
  try {
    return await newCriRuntime({ endpoint: socket, owner: ownerOf(order), clock, log });
  } catch (error) {
    if (!(error instanceof CriError)) throw error;
    throw new UserError(error.message, { cause: error });
  }
}

/** A containerd at one of its usual sockets; undefined when there is none, or none that answers. */
async function openFoundCriRuntime(order: RuntimeOrder): Promise<Runtime | undefined> {
  const { findContainerdSocket } = await import('../kubelet/runtimes/cri/find-socket.ts');
  if (findContainerdSocket() === undefined) return undefined;
  try {
    return await openCriRuntime(order, undefined);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    order.context.log.warn(
      { error },
      'containerd does not run pods here; looking for another container engine',
    );
    return undefined;
  }
}

/** Runtimes are shared with other servers: what is in the directory tells this one's pods from theirs. */
function ownerOf({ directory, endsWithProcess, context: { random } }: RuntimeOrder): Owner {
  return openOwner({ directory, endsWithProcess, random });
}

async function openDockerRuntime(order: RuntimeOrder, endpoint: string | undefined): Promise<Runtime> {
  const { clock, log } = order.context;
  const { DockerError, dockerSockets, findDockerSocket, newDockerRuntime } = await import(
    '../kubelet/runtimes/docker/index.ts'
  );
  const around = { env: process.env, home: homedir() };
  const socket = endpoint ?? findDockerSocket(around);
  if (socket === undefined) {
    const places = dockerSockets(around).join(', ');
    throw new UserError(
      `no Docker socket at ${places}: start Docker, or name its socket with --runtime docker=SOCKET`,
    );
  }
  try {
    return await newDockerRuntime({ endpoint: socket, owner: ownerOf(order), clock, log });
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    throw new UserError(error.message, { cause: error });
  }
}

/** A Docker Engine at one of the usual sockets; undefined when there is none, or none that answers. */
async function openFoundDockerRuntime(order: RuntimeOrder): Promise<Runtime | undefined> {
  const { findDockerSocket } = await import('../kubelet/runtimes/docker/find-socket.ts');
  if (findDockerSocket({ env: process.env, home: homedir() }) === undefined) return undefined;
  try {
    return await openDockerRuntime(order, undefined);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    order.context.log.warn(
      { error },
      'Docker does not run pods here, so they run as processes of this machine',
    );
    return undefined;
  }
}

/** Finds the node that a pod is on, and asks it; one that is not of this process is asked for over the network. */
function accessTo(kubelets: readonly Kubelet[], remote: NodeAccess): NodeAccess {
  const byName = new Map(kubelets.map((kubelet) => [kubelet.nodeName, kubelet]));
  const here = ({ spec: { nodeName = '' } }: DeepReadonly<Pod>): Kubelet | undefined => byName.get(nodeName);
  return {
    open: async (pod, wanted, signal, trace) =>
      here(pod)?.logs(pod, wanted, signal) ?? remote.open(pod, wanted, signal, trace),
    exec: async (pod, container, command, wanted, trace) =>
      here(pod)?.streams.exec(pod, container, command, wanted) ??
      remote.exec(pod, container, command, wanted, trace),
    attach: async (pod, container, wanted, trace) =>
      here(pod)?.streams.attach(pod, container, wanted) ?? remote.attach(pod, container, wanted, trace),
    ports: async (pod, trace) => here(pod)?.streams.ports(pod) ?? remote.ports(pod, trace),
  };
}
