/** Follows the logs of pods as their containers start, line by line. */

import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { Client } from '../../client/index.ts';
import { containerStatuses } from '../wording/pod-state.ts';

/** Lines of each pod kept for telling how it failed. */
const TAIL_LINES = 10;

/** Pods whose last lines are kept; the oldest go first, so that a Job of many pods stays small. */
const TAIL_PODS_MAX = 200;

/** How long to wait for the last log lines after the last pod has ended, milliseconds. */
const DRAIN_MS_MAX = 5000;

/** One container's stream at a restart count is one source of lines. */
type Source = string;

/** Opens each started container's log once and hands its lines on. */
export class LogFollower {
  readonly #client: Client;
  readonly #print: (line: string) => void;
  readonly #open = new Map<Source, Promise<void>>();
  readonly #tails = new Map<string, string[]>();
  readonly #abort = new AbortController();

  /** @param print called with each line, prefixed by pod (and container where there are several). */
  constructor(client: Client, print: (line: string) => void) {
    this.#client = client;
    this.#print = print;
  }

  /** Looks at a pod's state and opens the logs of the containers that have started since. */
  observe(pod: DeepReadonly<Pod>): void {
    const several = pod.spec.containers.length + (pod.spec.initContainers?.length ?? 0) > 1;
    for (const status of containerStatuses(pod)) {
      if (status.state?.running === undefined && status.state?.terminated === undefined) continue;
      const source = `${pod.metadata.uid}/${status.name}/${status.restartCount}`;
      if (this.#open.has(source)) continue;
      const prefix = several ? `${pod.metadata.name} ${status.name}` : pod.metadata.name;
      this.#open.set(source, this.#follow(pod, status.name, prefix));
    }
  }

  /** The last lines that a pod printed. */
  tail(pod: DeepReadonly<Pod>): readonly string[] {
    return this.#tails.get(pod.metadata.uid) ?? [];
  }

  /** Waits for the last lines, but not for long, and ends all streams. */
  async drain(clock: Clock): Promise<void> {
    await Promise.race([
      this.#drained(),
      new Promise<void>((resolve) => {
        clock.after(DRAIN_MS_MAX, resolve, { background: true });
      }),
    ]);
    await this.stop();
  }

  /** Ends all streams. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#drained();
  }

  async #drained(): Promise<void> {
    await Promise.all(this.#open.values());
  }

  async #follow(pod: DeepReadonly<Pod>, container: string, prefix: string): Promise<void> {
    const namespace = pod.metadata.namespace ?? 'default';
    try {
      const parameters = { container, follow: 'true' };
      const bytes = await this.#client.logs(namespace, pod.metadata.name, parameters, this.#abort.signal);
      for await (const line of linesOf(bytes)) {
        this.#keep(pod.metadata.uid, line);
        this.#print(`[${prefix}] ${line}`);
      }
    } catch (error) {
      // The pod may be gone before its log was opened; the Job's own result does not depend on it.
      if (!this.#abort.signal.aborted) {
        this.#print(`[${prefix}] (log not available: ${messageOf(error)})`);
      }
    }
  }

  #keep(uid: string, line: string): void {
    let tail = this.#tails.get(uid);
    if (tail === undefined) {
      tail = [];
      this.#tails.set(uid, tail);
      const oldest = this.#tails.keys().next().value;
      if (this.#tails.size > TAIL_PODS_MAX && oldest !== undefined) this.#tails.delete(oldest);
    }
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
  }
}

/** Splits a stream of bytes into lines; the last one need not end with a line feed. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
