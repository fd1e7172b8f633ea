/**
 * How the containers of one pod ended: what the runtime announces is looked up once it shows it, with the container's last words.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { terminationMessage } from '../container/termination-message.ts';
import type { RuntimeEvent } from '../runtimes/runtime.ts';
import { runOf } from './container-runs.ts';
import type { NodeServices } from './node-services.ts';
import { type ContainerRecord, isLive, type PodView } from './pod-view.ts';

/** Milliseconds between two looks at a container whose exit was announced before the runtime shows it. */
const EXIT_LOOK_MS = 2;
/** How often such a container is looked at before the worker turns to other things for a while. */
const EXIT_LOOKS_MAX = 250;
/** Milliseconds of that while. */
const EXIT_LATER_MS = 1_000;

/** See the file's head. */
export class ContainerEnds {
  readonly #services: NodeServices;
  readonly #view: PodView;
  readonly #announced: RuntimeEvent[] = [];
  readonly #followers = new Set<() => void>();

  constructor(services: NodeServices, view: PodView) {
    this.#services = services;
    this.#view = view;
  }

  /** The runtime says that a container has ended. */
  announce(event: RuntimeEvent): void {
    this.#announced.push(event);
  }

  /** Calls back whenever a container has ended; answers how to stop that. */
  follow(listener: () => void): () => void {
    this.#followers.add(listener);
    return () => void this.#followers.delete(listener);
  }

  /** Learns how containers ended that were announced to have ended. Answers the wall time at which to ask again for the rest. */
  async learn(pod: DeepReadonly<Pod>): Promise<number | undefined> {
    for (const record of this.#view.containers) {
      if (record.unread === true) await this.#read(pod, record);
    }
    const late: RuntimeEvent[] = [];
    for (let event = this.#announced.shift(); event !== undefined; event = this.#announced.shift()) {
      const { containerId } = event;
      const record = this.#view.containers.find(({ run }) => run?.id === containerId);
      if (record === undefined || !isLive(record.run)) continue;
      if (!(await this.#learnOne(pod, record, event))) late.push(event);
    }
    if (late.length === 0) return undefined;
    this.#announced.push(...late);
    return this.#services.clock.now() + EXIT_LATER_MS;
  }

  /** Answers whether the runtime shows it by now. */
  async #learnOne(pod: DeepReadonly<Pod>, record: ContainerRecord, event: RuntimeEvent): Promise<boolean> {
    const { runtime, clock } = this.#services;
    for (let looks = 0; looks < EXIT_LOOKS_MAX; looks++) {
      const status = event.status ?? (await runtime.containerStatus(event.containerId));
      if (status.state === 'exited' || status.state === 'unknown') {
        record.run = { ...runOf(status), imageId: record.run?.imageId ?? status.imageRef };
        await this.note(pod, record);
        return true;
      }
      await new Promise<void>((resolve) => {
        clock.after(EXIT_LOOK_MS, resolve);
      });
    }
    return false;
  }

  /** Notes that a container has ended, and reads its last words. */
  async note(pod: DeepReadonly<Pod>, record: ContainerRecord): Promise<void> {
    record.endedAt = this.#services.clock.now();
    await this.#read(pod, record);
    for (const follower of this.#followers) follower();
  }

  /** Reads what an ended container left behind. */
  async #read(pod: DeepReadonly<Pod>, record: ContainerRecord): Promise<void> {
    const { runtime, directories } = this.#services;
    delete record.unread;
    await this.#noteWantOfMemory(pod, record);
    const { run, spec } = record;
    if (run?.state !== 'exited' || !runtime.traits.files) return;
    const { name, namespace = '', uid } = pod.metadata;
    const message = await terminationMessage({
      exitCode: run.exitCode,
      policy: spec.terminationMessagePolicy ?? 'File',
      messageFile: directories.terminationLog(uid, spec.name, run.attempt),
      logFile: directories.logFile({ name, namespace, uid }, spec.name, run.attempt),
    });
    // What the runtime tells of the end comes first.
    if (message !== '') {
      record.run = { ...run, message: run.message === '' ? message : `${run.message}: ${message}` };
    }
  }

  /** A process that the kernel killed may have been a child, of which the runtime does not tell. */
  async #noteWantOfMemory(pod: DeepReadonly<Pod>, record: ContainerRecord): Promise<void> {
    const { run, spec } = record;
    if (run?.state !== 'exited' || run.reason === 'OOMKilled') return;
    const used = await this.#services.groups?.usageOfRun(pod, spec.name, run.attempt);
    if ((used?.oomKills ?? 0) > 0) record.run = { ...run, reason: 'OOMKilled' };
  }
}
