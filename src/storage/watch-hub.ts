import type { Watch } from '../apimachinery/watch-event.ts';
import type { StorageError, StorageEvent, StorageObserver } from './storage.ts';

/** An observer that gets what is committed from now on. */
interface Watcher {
  readonly prefix: string;
  readonly observer: StorageObserver;
  open: boolean;
}

/** Tells each commit to the observers whose prefix it touches. The cost of a commit follows the watches it concerns. */
export class WatchHub {
  readonly #byPrefix = new Map<string, Set<Watcher>>();
  /** Those who want to know of every commit. */
  readonly #progress = new Set<Watcher>();

  /** Adds an observer; it gets the commits after this call. */
  add(prefix: string, observer: StorageObserver): Watch {
    const watcher: Watcher = { prefix, observer, open: true };
    let watchers = this.#byPrefix.get(prefix);
    if (watchers === undefined) {
      watchers = new Set();
      this.#byPrefix.set(prefix, watchers);
    }
    watchers.add(watcher);
    if (observer.progress !== undefined) this.#progress.add(watcher);
    return { stop: () => this.#remove(watcher) };
  }

  /**
   * Tells one commit. Whoever starts watching meanwhile is left out, and whoever stops is told nothing more. All who watch
   * the same prefix get the same array, so that what they make of it can be shared.
   */
  tell(events: readonly StorageEvent[], revision: number): void {
    const concerned = new Map<
      string,
      { readonly watchers: readonly Watcher[]; readonly theirs: StorageEvent[] }
    >();
    for (const event of events) {
      const { key } = event;
      for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
        const prefix = key.slice(0, slash + 1);
        const known = concerned.get(prefix);
        if (known !== undefined) {
          known.theirs.push(event);
          continue;
        }
        const watchers = this.#byPrefix.get(prefix);
        if (watchers !== undefined) concerned.set(prefix, { watchers: [...watchers], theirs: [event] });
      }
    }
    const informed = [...this.#progress];
    for (const { watchers, theirs } of concerned.values()) {
      for (const watcher of watchers) if (watcher.open) watcher.observer.next(theirs);
    }
    for (const watcher of informed) if (watcher.open) watcher.observer.progress?.(revision);
  }

  /** Ends every watch. */
  end(reason?: StorageError): void {
    const all = [...this.#byPrefix.values()].flatMap((watchers) => [...watchers]);
    for (const watcher of all) {
      if (!watcher.open) continue;
      this.#remove(watcher);
      watcher.observer.end(reason);
    }
  }

  #remove(watcher: Watcher): void {
    watcher.open = false;
    this.#progress.delete(watcher);
    const watchers = this.#byPrefix.get(watcher.prefix);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byPrefix.delete(watcher.prefix);
  }
}
