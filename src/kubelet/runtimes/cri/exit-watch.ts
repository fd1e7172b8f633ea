/**
 * Learns of containers' exits as soon as the runtime allows: from containerd's own events, else from CRI's, else by
 * looking again and again. Whatever happens to a stream, an exit is told in the end, because every new stream begins
 * with a look at all containers, and because all are looked at now and then.
 */
import { type Clock, sleep } from '../../../apimachinery/clock.ts';
import type { Logger } from '../../../client/index.ts';
import type { ContainerStatus } from '../container.ts';
import type { ContainerdClient } from './containerd-client.ts';
import { CriError } from './cri-error.ts';

/** How long containerd is given to let go of a container that has ended, and to say so, before its status is looked at, milliseconds. */
const DELETION_MS_MAX = 1_000;
/** How long a status usually lags behind its event at most, milliseconds. */
const STATUS_MS_MAX = 10_000;
/** Pause between two looks at a status that lags longer, milliseconds: containerd tries again what failed, for minutes. */
const LATE_LOOK_MS = 1_000;
/** First and greatest pause between two looks at a status that lags, milliseconds. */
const LOOK_MS = { first: 2, max: 50 } as const;
/** Pause before a broken stream is opened again, milliseconds. */
const RECONNECT_MS = 500;
/** Pause between two looks at all containers where a runtime has no events, milliseconds. */
const POLL_MS = 100;
/** How long a runtime that may have events and tells none is looked at before it is asked for them again, milliseconds. */
const EVENTS_AGAIN_MS = 60_000;
/**
 * Pause between two looks at all containers where events come, milliseconds: CRI-O drops events when many come at once, and a
 * containerd whose disk was full may show an exit minutes after its event, which only this agent's predecessor heard.
 */
const DROPPED_MS = 60_000;

/** What the watch asks of the runtime. */
export interface ExitSource {
  readonly clock: Clock;
  readonly log: Logger;
  readonly containerd: ContainerdClient;
  /**
   * CRI's events: ids of containers that ended. Answers how to stop. Of `lost` and `untold` one is called once, the latter when
   * the runtime ended the stream properly without a word: CRI-O does where it is not told to have events, but so does one
   * that closes down.
   */
  onCriExit(exited: (id: string) => void, lost: (error: CriError) => void, untold: () => void): () => void;
  /** Whether it is known for a sandbox: of its own process's end nobody is told. */
  isSandbox(id: string): boolean;
  /** Rejects with {@link CriError} NOT_FOUND for what is no container. */
  containerStatus(id: string): Promise<ContainerStatus>;
  /** Ids of all containers that have ended. */
  exitedContainers(): Promise<readonly string[]>;
}

type Method = 'containerd' | 'cri' | 'poll';

/** See the file's head. */
export class ExitWatch {
  readonly #source: ExitSource;
  readonly #tell: (status: ContainerStatus) => void;
  readonly #stopped = new AbortController();
  /** Ended containers that were told, as far as the last full look found them still there. */
  #told = new Set<string>();
  #method: Method = 'containerd';
  #cancel: () => void = () => undefined;
  /** Of each container whose deletion is awaited: ends the wait. */
  readonly #awaited = new Map<string, () => void>();

  constructor(source: ExitSource, tell: (status: ContainerStatus) => void) {
    this.#source = source;
    this.#tell = tell;
    this.#listen();
    void this.#lookNowAndThen();
  }

  /** Tells nothing from now on. Idempotent. */
  stop(): void {
    this.#stopped.abort();
    this.#cancel();
    for (const go of this.#awaited.values()) go();
  }

  #listen(): void {
    if (this.#method === 'poll') {
      void this.#poll(Number.POSITIVE_INFINITY);
      return;
    }
    const exited = (id: string): void => void this.#report(id);
    const lost = (error: CriError): void => void this.#reconnect(error);
    this.#cancel =
      this.#method === 'containerd'
        ? this.#source.containerd.onEnd({
            exited: (id) => {
              if (!this.#source.isSandbox(id)) void this.#awaitDeletion(id);
            },
            deleted: (id) => this.#awaited.get(id)?.(),
            lost,
          })
        : this.#source.onCriExit(exited, lost, () => void this.#pollForAWhile());
  }

  /**
   * A status lags behind the process's end for as long as it takes to delete the container, which is told as well: to look again
   * and again meanwhile would cost both sides more than all other calls for a pod.
   */
  async #awaitDeletion(id: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#source.clock.after(DELETION_MS_MAX, resolve);
    this.#awaited.set(id, resolve);
    await promise;
    timer.cancel();
    this.#awaited.delete(id);
    await this.#report(id);
  }

  async #reconnect(error: CriError): Promise<void> {
    if (error.code === 'UNIMPLEMENTED') {
      this.#method = this.#method === 'containerd' ? 'cri' : 'poll';
    } else {
      this.#source.log.warn({ error }, 'lost the events of the container runtime; opening them again');
      await sleep(this.#source.clock, RECONNECT_MS, this.#stopped.signal);
    }
    if (!this.#stopped.signal.aborted) await this.#listenAndLook();
  }

  async #listenAndLook(): Promise<void> {
    this.#listen();
    // A runtime that starts serves its events before it answers questions, and what ended meanwhile has no event.
    while (!(await this.#lookAtAll()) && !this.#stopped.signal.aborted)
      await sleep(this.#source.clock, RECONNECT_MS, this.#stopped.signal);
  }

  async #pollForAWhile(): Promise<void> {
    this.#source.log.debug({}, 'the container runtime tells no events; looking at its containers instead');
    await this.#poll(this.#source.clock.monotonic() + EVENTS_AGAIN_MS);
    if (!this.#stopped.signal.aborted) await this.#listenAndLook();
  }

  async #lookNowAndThen(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await sleep(this.#source.clock, DROPPED_MS, this.#stopped.signal);
      if (!this.#stopped.signal.aborted && this.#method !== 'poll') await this.#lookAtAll();
    }
  }

  async #poll(end: number): Promise<void> {
    while (!this.#stopped.signal.aborted && this.#source.clock.monotonic() < end) {
      await this.#lookAtAll();
      await sleep(this.#source.clock, POLL_MS, this.#stopped.signal);
    }
  }

  /** Tells of what has ended and was not told; answers false when the runtime did not say what has. */
  async #lookAtAll(): Promise<boolean> {
    try {
      const exited = await this.#source.exitedContainers();
      const news = exited.filter((id) => !this.#told.has(id));
      this.#told = new Set(exited);
      await Promise.all(news.map((id) => this.#report(id)));
      return true;
    } catch (error) {
      if (!(error instanceof CriError)) throw error;
      return false;
    }
  }

  /** Waits until the status tells of the exit too, then tells it. */
  async #report(id: string): Promise<void> {
    const { clock } = this.#source;
    const end = clock.monotonic() + STATUS_MS_MAX;
    for (
      let wait: number = LOOK_MS.first;
      !this.#stopped.signal.aborted;
      wait = Math.min(wait * 2, LOOK_MS.max)
    ) {
      try {
        const status = await this.#source.containerStatus(id);
        if (status.state === 'exited') {
          if (!this.#stopped.signal.aborted) this.#tell(status);
          return;
        }
      } catch (error) {
        if (!(error instanceof CriError)) throw error;
        // A sandbox's own process, or a container that is gone: nobody waits for it.
        if (error.code === 'NOT_FOUND') return;
      }
      await sleep(clock, clock.monotonic() > end ? LATE_LOOK_MS : wait, this.#stopped.signal);
    }
  }
}
