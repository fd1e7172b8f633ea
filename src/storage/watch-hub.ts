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

  /** Tells one commit. Whoever starts watching meanwhile is left out, and whoever stops is told nothing more. */
  tell(events: readonly StorageEvent[], revision: number): void {
    const concerned = new Map<Watcher, StorageEvent[]>();
    for (const event of events) {
      const { key } = event;
      for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
        for (const watcher of this.#byPrefix.get(key.slice(0, slash + 1)) ?? []) {
          const theirs = concerned.get(watcher);
          if (theirs === undefined) concerned.set(watcher, [event]);
          else theirs.push(event);
        }
      }
    }
    const informed = [...this.#progress];
    for (const [watcher, theirs] of concerned) if (watcher.open) watcher.observer.next(theirs);
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
