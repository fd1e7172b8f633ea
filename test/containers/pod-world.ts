/** A runtime with busybox and a server on it, for tests that apply a manifest of pods and look at what became of them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ContainerStatus, Event, Pod } from '../../src/apis/core/types.ts';
import { kubectl } from '../harness/kubectl.ts';
import { eventually } from '../harness/poll.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { requireCriEngine, startCriEngine } from './chosen-engine.ts';
import type { CriEngine } from './cri-engine.ts';
import { makeBusyboxImage } from './images.ts';

/** What the manifests call the image that is there. */
const BUSYBOX = 'docker.io/library/busybox:1.37';

/** See the file's head. */
export interface PodWorld {
  readonly engine: CriEngine;
  /** Replaced by {@link PodWorld.restartServer}. */
  readonly server: TestServer;
  /** Runs kubectl, which has to succeed; answers what it printed. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Applies `manifests/<name>.yaml`, with `${NAME}` replaced by the values given. */
  apply(name: string, values?: Readonly<Record<string, string>>): Promise<void>;
  /** The pod, once `isReady` says so; fails with the pod's status when that takes too long. */
  podWhen(name: string, isReady: (pod: Pod) => boolean): Promise<Pod>;
  /** The pod, once it has Succeeded; fails at once when it has Failed. */
  succeeded(name: string): Promise<Pod>;
  /** The pod, once it has Failed. */
  failed(name: string): Promise<Pod>;
  /** What a container printed, a line each. */
  lines(pod: string, container?: string): Promise<string[]>;
  /** An event of the pod with that reason whose message matches, once there is one. */
  event(pod: string, reason: string, message?: RegExp): Promise<Event>;
  /** Ends the server with that signal and starts it again on the same data. */
  restartServer(signal: NodeJS.Signals, args?: readonly string[]): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a test may choose of its world. */
export interface WorldOptions {
  /** The server's; default: one of its own. */
  readonly dataDirectory?: string;
  /** Added to the server's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Options of a tmpfs (`size=64m`) that the runtime keeps images and what containers write on; default: on its directory's disk. */
  readonly disk?: string;
}

/** Starts one; undefined (and the test skipped, or failed where nothing may skip) where something is missing. */
export async function openPodWorld(
  context: TestContext,
  serverArgs: readonly string[] = [],
  { dataDirectory, env = {}, disk }: WorldOptions = {},
): Promise<PodWorld | undefined> {
  const able = requireCriEngine(context) && requireKubectl(context);
  if (!able) return undefined;
  const engine = await startCriEngine(disk);
  try {
    await engine.importArchive(makeBusyboxImage(engine.directory, [BUSYBOX]));
    const args = ['--runtime', `cri=${engine.endpoint}`, ...serverArgs];
    return new World(engine, await startServer(args, dataDirectory, env));
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

/** That its node has not told of a container yet. */
class NoStatus extends Error {
  override readonly name = 'NoStatus';
}

/** The status of that container, whichever list it is in. Throws where there is none; to {@link PodWorld.podWhen} that means: not yet. */
export function statusOf(pod: Pod, container = 'c'): ContainerStatus {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status;
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  const found = all.find(({ name }) => name === container);
  if (found === undefined) throw new NoStatus(`pod ${pod.metadata.name} has no status of ${container}`);
  return found;
}

function holds(isReady: (pod: Pod) => boolean, pod: Pod): boolean {
  try {
    return isReady(pod);
  } catch (error) {
    if (error instanceof NoStatus) return false;
    throw error;
  }
}

/** Whether a container of the pod waits for that reason. */
export function waitsFor(pod: Pod, reason: string, container = 'c'): boolean {
  const all = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
  return all.some(({ name, state }) => name === container && state?.waiting?.reason === reason);
}

/** The status of a condition: `True`, `False`, or undefined where the pod has none. */
export function conditionOf(pod: Pod, type: string): string | undefined {
  return pod.status.conditions?.find((condition) => condition.type === type)?.status;
}

class World implements PodWorld {
  readonly engine: CriEngine;
  server: TestServer;

  constructor(engine: CriEngine, server: TestServer) {
    this.engine = engine;
    this.server = server;
  }

  kubectl(args: readonly string[], input?: string): Promise<string> {
    return kubectl(this.server, args, input);
  }

  async apply(name: string, values: Readonly<Record<string, string>> = {}): Promise<void> {
    const text = readFileSync(join(import.meta.dirname, 'manifests', `${name}.yaml`), 'utf8');
    const filled = text.replaceAll(/\$\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
    await this.kubectl(['apply', '-f', '-'], filled);
  }

  async podWhen(name: string, isReady: (pod: Pod) => boolean): Promise<Pod> {
    let last: Pod | undefined;
    return eventually(
      async () => {
        const { stdout, code } = await this.server.kubectl(['get', 'pod', name, '-o', 'json']);
        last = code === 0 ? (JSON.parse(stdout) as Pod) : undefined;
        return last !== undefined && holds(isReady, last) ? last : undefined;
      },
      () => `pod ${name} stays at ${JSON.stringify(last?.status)}`,
    );
  }

  async succeeded(name: string): Promise<Pod> {
    const pod = await this.podWhen(name, ({ status }) => /Succeeded|Failed/.test(status.phase ?? ''));
    const { phase, reason, message, containerStatuses } = pod.status;
    const said =
      phase === 'Succeeded' ? '' : await this.kubectl(['logs', name, '--all-containers']).catch(String);
    const told = JSON.stringify({ reason, message, states: containerStatuses?.map(({ state }) => state) });
    assert.equal(phase, 'Succeeded', `pod ${name}: ${told}; it printed: ${said}`);
    return pod;
  }

  failed(name: string): Promise<Pod> {
    return this.podWhen(name, ({ status }) => status.phase === 'Failed');
  }

  async lines(pod: string, container = 'c'): Promise<string[]> {
    const text = await this.kubectl(['logs', pod, '-c', container]);
    return text.replace(/\n$/, '').split('\n');
  }

  event(pod: string, reason: string, message = /^/): Promise<Event> {
    let seen: string[] = [];
    return eventually(
      async () => {
        const selector = `involvedObject.name=${pod}`;
        const text = await this.kubectl(['get', 'events', '--field-selector', selector, '-o', 'json']);
        const { items } = JSON.parse(text) as { readonly items: readonly Event[] };
        seen = items.map((each) => `${each.reason}: ${each.message}`);
        return items.find((each) => each.reason === reason && message.test(each.message ?? ''));
      },
      () => `pod ${pod} has no event ${reason} ${message}, but ${JSON.stringify(seen)}`,
    );
  }

  async restartServer(signal: NodeJS.Signals, args: readonly string[] = []): Promise<void> {
    const { dataDirectory } = this.server;
    await this.server.stop(signal);
    const runtime = ['--runtime', `cri=${this.engine.endpoint}`];
    this.server = await startServer([...runtime, ...args], dataDirectory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.server[Symbol.asyncDispose]();
    } finally {
      await this.engine.stop();
    }
  }
}
