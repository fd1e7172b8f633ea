/** Clears away what other servers left in the runtime that are gone for ever: killed, and their data removed. */
import type { Clock, Timer } from '../apimachinery/clock.ts';
import type { Logger } from '../client/index.ts';
import type { PodGroups } from './cgroups/index.ts';
import { OWNER_LABEL } from './runtimes/owner.ts';
import type { Runtime } from './runtimes/runtime.ts';

/** Milliseconds between two looks: rare, since such a server left nothing that anybody waits for. */
const LOOK_MS = 10 * 60_000;

/** What it depends on. */
export interface AbandonedPodsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly runtime: Runtime;
  readonly groups: PodGroups | undefined;
}

/** See the file's head. */
export class AbandonedPods {
  readonly #options: AbandonedPodsOptions;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: AbandonedPodsOptions) {
    this.#options = options;
  }

  /** Looks at once, and again and again. */
  start(): void {
    const { clock, log } = this.#options;
    this.#clear()
      .catch((error: unknown) => log.warn({ error }, 'what another server left could not be cleared away'))
      .finally(() => {
        if (this.#stopped) return;
        this.#timer = clock.after(LOOK_MS, () => this.start(), { background: true });
      });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #clear(): Promise<void> {
    const { runtime, log, groups } = this.#options;
    const owners = new Set<string>();
    for (const { id, metadata, labels } of await runtime.abandonedSandboxes()) {
      if (this.#stopped) return;
      log.info({ sandbox: id, pod: metadata.name }, 'removing a sandbox whose server is gone');
      await runtime.stopPodSandbox(id);
      await runtime.removePodSandbox(id);
      owners.add(labels[OWNER_LABEL] ?? '');
    }
    for (const owner of owners) await groups?.removeOwner(owner);
  }
}
