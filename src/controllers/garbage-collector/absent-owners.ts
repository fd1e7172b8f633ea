import { type Identity, textOf } from './identity.ts';

/** Owners remembered as absent: a Job's pods follow each other closely, so that few are needed at a time (as upstream). */
const ABSENT_OWNERS_MAX = 500;

/** Owners of which the API server has said that they are not there; a uid never comes back. The longest unused are forgotten. */
export class AbsentOwners {
  readonly #known = new Set<string>();

  add(identity: Identity): void {
    const text = textOf(identity);
    this.#known.delete(text);
    this.#known.add(text);
    if (this.#known.size <= ABSENT_OWNERS_MAX) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }

  has(identity: Identity): boolean {
    const text = textOf(identity);
    if (!this.#known.delete(text)) return false;
    this.#known.add(text);
    return true;
  }
}
