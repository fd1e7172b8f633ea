/**
 * The container engines that are looked for on this machine: where each may listen, in the order to try, and how it is spoken
 * to. What takes a server's pods is chosen here, and so is what `longshore image` gives its images to.
 */
import { homedir } from 'node:os';
import type { Clock } from '../../apimachinery/clock.ts';
import type { Logger } from '../../client/index.ts';
import type { Owner, Runtime } from '../../kubelet/index.ts';
import { UserError } from '../user-error.ts';

/** A runtime to open, and for whom. */
export interface EngineOrder {
  /** Path of the socket. */
  readonly endpoint: string;
  readonly owner: Owner;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A kind of engine. */
export interface Engine {
  readonly kind: 'cri' | 'docker';
  /** As users know it. */
  readonly name: string;
  /** How `--runtime` names another of its sockets. */
  readonly option: string;
  /** All its usual places. */
  places(): Promise<readonly string[]>;
  /** Those of them at which a socket is, in the order to try. */
  found(): Promise<readonly string[]>;
  /** @throws {UserError} when no such engine answers there. */
  open(order: EngineOrder): Promise<Runtime>;
  /** Asks whether an engine that can take pods answers there, no more. @throws {UserError} when none does. */
  check(endpoint: string, clock: Clock): Promise<void>;
}

/** The engines of a choice, in the order to try. The clients of each bring libraries with them: loaded when there is a socket. */
export function enginesOf(kind: 'auto' | 'cri' | 'docker'): readonly Engine[] {
  return { auto: [CRI, DOCKER], cri: [CRI], docker: [DOCKER] }[kind];
}

/** A socket of an engine. */
export interface EnginePlace {
  readonly engine: Engine;
  readonly endpoint: string;
}

/** Where these engines may be found now, in the order to try. */
export async function placesOf(engines: readonly Engine[]): Promise<readonly EnginePlace[]> {
  const places: EnginePlace[] = [];
  for (const engine of engines) {
    for (const endpoint of await engine.found()) places.push({ engine, endpoint });
  }
  return places;
}

/** What `ask` gives for the first place at which it does not throw a {@link UserError}, and what was passed over before it. */
export async function firstThatAnswers<Answer>(
  places: readonly EnginePlace[],
  ask: (place: EnginePlace) => Promise<Answer>,
): Promise<{ readonly answer?: Answer; readonly passedOver: readonly string[] }> {
  const passedOver: string[] = [];
  for (const place of places) {
    try {
      return { answer: await ask(place), passedOver };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      passedOver.push(error.message);
    }
  }
  return { passedOver };
}

const CRI: Engine = {
  kind: 'cri',
  name: 'containerd or CRI-O',
  option: 'cri=ENDPOINT',
  places: async () => (await import('../../kubelet/runtimes/cri/find-socket.ts')).CRI_SOCKETS,
  found: async () => (await import('../../kubelet/runtimes/cri/find-socket.ts')).findCriSockets(),
  async open(order) {
    const { CriError, newCriRuntime } = await import('../../kubelet/runtimes/cri/index.ts');
    return told(CriError, () => newCriRuntime(order));
  },
  async check(endpoint) {
    const { CriError, openCri } = await import('../../kubelet/runtimes/cri/index.ts');
    // Docker's own containerd, for one, takes no pods: it answers to Docker alone.
    (await told(CriError, () => openCri(endpoint))).close();
  },
};

/** What of this process says where Docker may listen. */
const around = () => ({ env: process.env, home: homedir() });

const DOCKER: Engine = {
  kind: 'docker',
  name: 'Docker',
  option: 'docker=SOCKET',
  places: async () => (await import('../../kubelet/runtimes/docker/find-socket.ts')).dockerSockets(around()),
  found: async () =>
    (await import('../../kubelet/runtimes/docker/find-socket.ts')).findDockerSockets(around()),
  async open(order) {
    const { DockerError, newDockerRuntime } = await import('../../kubelet/runtimes/docker/index.ts');
    return told(DockerError, () => newDockerRuntime(order));
  },
  async check(endpoint, clock) {
    const { DockerError, EngineClient } = await import('../../kubelet/runtimes/docker/index.ts');
    (await told(DockerError, () => EngineClient.open(endpoint, clock))).close();
  },
};

/** What an engine's client says of a socket is the user's to mend. */
async function told<Value>(
  Known: new (...parameters: never) => Error,
  act: () => Promise<Value>,
): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Known)) throw error;
    throw new UserError(error.message, { cause: error });
  }
}
