/** Opens the runtime that `--runtime` chooses, or says why not and what to do. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ComponentContext } from '../client/index.ts';
import { newFakeRuntime, type Owner, openOwner, type Runtime } from '../kubelet/index.ts';
import type { RuntimeChoice } from './runtime-choice.ts';
import { UserError } from './user-error.ts';

/** How a runtime is opened, and for whom. */
export interface RuntimeOrder {
  readonly choice: RuntimeChoice;
  readonly context: ComponentContext;
  /** The node agent's. */
  readonly directory: string;
  /** Whether pods are to end with this process, however it ends. */
  readonly endsWithProcess: boolean;
}

/** A runtime that answers. */
export interface OpenedRuntime {
  readonly runtime: Runtime;
  /** What the user should be told once: what was passed over for it, and its own warnings. */
  readonly notices: readonly string[];
}

/** Opens the runtime of the choice; undefined for `none`. @throws {UserError} when it does not answer. */
export async function openRuntime(order: RuntimeOrder): Promise<OpenedRuntime | undefined> {
  const { choice, context, directory } = order;
  switch (choice.kind) {
    case 'none':
      return undefined;
    case 'fake':
      return alone(newFakeRuntime(context.clock));
    case 'process':
      return alone(await openProcessRuntime(context, directory));
    case 'cri':
      return openEngine(order, CONTAINERD, choice.endpoint);
    case 'docker':
      return openEngine(order, DOCKER, choice.endpoint);
    case 'auto':
      return openAnyRuntime(order);
  }
}

const alone = (runtime: Runtime): OpenedRuntime => ({ runtime, notices: runtime.traits.warnings });

/** A kind of engine: where it may listen, and how it is spoken to. */
interface Engine {
  readonly name: string;
  /** How `--runtime` names another of its sockets. */
  readonly option: string;
  /** All its usual places. */
  places(): Promise<readonly string[]>;
  /** Those of them at which a socket is, in the order to try. */
  found(): Promise<readonly string[]>;
  /** @throws {UserError} when no such engine answers there. */
  open(order: RuntimeOrder, socket: string): Promise<Runtime>;
}

const around = () => ({ env: process.env, home: homedir() });

/** The clients of engines bring libraries with them, so they are loaded only where there is a socket to speak to. */
const CONTAINERD: Engine = {
  name: 'containerd',
  option: 'cri=ENDPOINT',
  places: async () => (await import('../kubelet/runtimes/cri/find-socket.ts')).CONTAINERD_SOCKETS,
  found: async () => (await import('../kubelet/runtimes/cri/find-socket.ts')).findContainerdSockets(),
  async open(order, endpoint) {
    const { CriError, newCriRuntime } = await import('../kubelet/runtimes/cri/index.ts');
    const { clock, log } = order.context;
    try {
      return await newCriRuntime({ endpoint, owner: ownerOf(order), clock, log });
    } catch (error) {
      if (!(error instanceof CriError)) throw error;
      throw new UserError(error.message, { cause: error });
    }
  },
};

const DOCKER: Engine = {
  name: 'Docker',
  option: 'docker=SOCKET',
  places: async () => (await import('../kubelet/runtimes/docker/find-socket.ts')).dockerSockets(around()),
  found: async () => (await import('../kubelet/runtimes/docker/find-socket.ts')).findDockerSockets(around()),
  async open(order, endpoint) {
    const { DockerError, newDockerRuntime } = await import('../kubelet/runtimes/docker/index.ts');
    const { clock, log } = order.context;
    try {
      return await newDockerRuntime({ endpoint, owner: ownerOf(order), clock, log });
    } catch (error) {
      if (!(error instanceof DockerError)) throw error;
      throw new UserError(error.message, { cause: error });
    }
  },
};

/** The engine at that socket, or at the first of its usual ones that answers. */
async function openEngine(
  order: RuntimeOrder,
  engine: Engine,
  socket: string | undefined,
): Promise<OpenedRuntime> {
  const sockets = socket === undefined ? await engine.found() : [socket];
  const { runtime, passedOver } = await firstThatAnswers(
    sockets.map((path) => ({ engine, path })),
    order,
  );
  if (runtime !== undefined) return withNotices(runtime, passedOver);
  const missing = `no ${engine.name} socket at ${(await engine.places()).join(', ')}`;
  throw new UserError(
    `${passedOver.length === 0 ? missing : passedOver.join('; ')}: start ${engine.name}, or name another socket with '--runtime ${engine.option}', or use '--runtime process'`,
  );
}

/** containerd, then Docker, then Podman, at each of their usual sockets; processes of this machine when none answers. */
async function openAnyRuntime(order: RuntimeOrder): Promise<OpenedRuntime> {
  const places: Place[] = [];
  for (const engine of [CONTAINERD, DOCKER]) {
    for (const path of await engine.found()) places.push({ engine, path });
  }
  const { runtime, passedOver } = await firstThatAnswers(places, order);
  return withNotices(runtime ?? (await openProcessRuntime(order.context, order.directory)), passedOver);
}

interface Place {
  readonly engine: Engine;
  readonly path: string;
}

async function firstThatAnswers(
  places: readonly Place[],
  order: RuntimeOrder,
): Promise<{ readonly runtime?: Runtime; readonly passedOver: readonly string[] }> {
  const passedOver: string[] = [];
  for (const { engine, path } of places) {
    try {
      return { runtime: await engine.open(order, path), passedOver };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      passedOver.push(error.message);
    }
  }
  return { passedOver };
}

const withNotices = (runtime: Runtime, passedOver: readonly string[]): OpenedRuntime => ({
  runtime,
  notices: [...passedOver.map((why) => `Passed over: ${why}`), ...runtime.traits.warnings],
});

async function openProcessRuntime({ clock, random }: ComponentContext, directory: string): Promise<Runtime> {
  const { newProcessRuntime } = await import('../kubelet/runtimes/process/index.ts');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return newProcessRuntime({ directory: join(directory, 'process'), clock, random });
}

/** Runtimes are shared with other servers: what is in the directory tells this one's pods from theirs. */
function ownerOf({ directory, endsWithProcess, context: { random } }: RuntimeOrder): Owner {
  return openOwner({ directory, endsWithProcess, random });
}
