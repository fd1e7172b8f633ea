/** How long a list that is read in pages stays the list that it was: as long as on Kubernetes, whose API server has etcd forget. */
import type { Clock, Timer } from '../apimachinery/clock.ts';
import type { Storage } from './storage.ts';

/** Milliseconds between two looks; a state can be listed for this long after the next one came, and at most twice as long. */
const INTERVAL_MS = 5 * 60_000;

/** Has states expire for lists, from now on until the answer is called. */
export function keepExpiring(storage: Pick<Storage, 'revision' | 'expireLists'>, clock: Clock): () => void {
  let timer: Timer;
  const look = (before: number): void => {
    const { revision } = storage;
    storage.expireLists(before);
    timer = clock.after(INTERVAL_MS, () => look(revision), { background: true });
  };
  look(0);
  return () => timer.cancel();
}
