/** Clears away what other servers left that are gone for ever: in the runtime, and what the register of owners tells of. */
import type { Clock, Timer } from '../../apimachinery/clock.ts';
import type { Logger } from '../../client/index.ts';
import type { PodGroups } from '../cgroups/index.ts';
import { type Owner, placeOf } from '../runtimes/owner.ts';
import { OwnerRegister } from '../runtimes/owner-register.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { unmountAll } from '../volumes/mounter.ts';

/** Milliseconds between two looks: rare, since such a server left nothing that anybody waits for. */
const LOOK_MS = 10 * 60_000;

/** What it depends on. */
export interface AbandonedPodsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly runtime: Runtime;
  readonly groups: PodGroups | undefined;
  /** This server's own, as its owner's place: what is mounted below it is not another's. */
  readonly directory: string;
  /** Default: the machine's. */
  readonly register?: OwnerRegister;
}

/** See the file's head. */
export class AbandonedPods {
  readonly #options: AbandonedPodsOptions;
  readonly #register: OwnerRegister;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: AbandonedPodsOptions) {
    this.#options = options;
    this.#register = options.register ?? new OwnerRegister();
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
    const { runtime, log } = this.#options;
    for (const { id, metadata } of await runtime.abandonedSandboxes()) {
      if (this.#stopped) return;
      log.info({ sandbox: id, pod: metadata.name }, 'removing a sandbox whose server is gone');
      await runtime.stopPodSandbox(id);
      await runtime.removePodSandbox(id);
    }
    for (const owner of this.#register.abandoned()) {
      if (this.#stopped) return;
      await this.#clearAfter(owner);
    }
  }

  /** What runs in its groups may be in another runtime, which nobody may ever ask about it. */
  async #clearAfter(owner: Owner): Promise<void> {
    const { groups, log, directory } = this.#options;
    const place = placeOf(owner);
    if (place !== directory) await unmountAll(place);
    if (!((await groups?.removeOwner(owner.id)) ?? true)) return;
    log.info({ owner: owner.id, place }, 'cleared away what a server left that is gone');
    this.#register.leave(owner.id);
  }
}
