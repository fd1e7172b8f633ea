import type { RuntimeEvent } from './runtime.ts';

/** Whoever wants to hear of a runtime's containers. What watches them runs only for as long as somebody listens. */
export class RuntimeListeners<Watch extends { stop(): void } = { stop(): void }> {
  readonly #open: (() => Watch) | undefined;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  #watch: Watch | undefined;

  /** @param open begins to watch; absent where the runtime knows of its containers' ends by itself. */
  constructor(open?: () => Watch) {
    this.#open = open;
  }

  /** What watches now; undefined while nobody listens. */
  get watch(): Watch | undefined {
    return this.#watch;
  }

  /** Tells this listener too from now on; answers how to stop that. See Runtime.onEvent. */
  add(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#watch ??= this.#open?.();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  /** Tells every listener of an event. */
  tell(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Tells nobody any more. Idempotent. */
  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }
}
