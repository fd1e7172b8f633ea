import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';

/**
 * JSON characters kept beside the objects. Enough for the objects of the last second of heavy writing, which watches send
 * now; not enough to keep every object twice.
 */
const JSON_CHARACTERS_MAX = 16 * 1024 * 1024;

/**
 * The JSON text of objects, made once for each revision while there is room. Objects are told apart by identity. The texts
 * of a commit are at hand until the next one; only those that somebody asks for are kept longer, for most are asked for by
 * nobody, and texts that live make garbage collection dear.
 */
export class JsonCache {
  readonly #texts = new Map<DeepReadonly<ApiObject>, string>();
  #newest = new Map<DeepReadonly<ApiObject>, string>();
  readonly #charactersMax: number;
  #characters = 0;

  constructor(charactersMax = JSON_CHARACTERS_MAX) {
    this.#charactersMax = charactersMax;
  }

  /** The JSON text of an object that no one changes any more. */
  text(object: DeepReadonly<ApiObject>): string {
    const known = this.#texts.get(object);
    if (known !== undefined) return known;
    const text = this.#newest.get(object) ?? JSON.stringify(object);
    this.#keep(object, text);
    return text;
  }

  /** The same text, not kept for the next reader when it has to be made. */
  passing(object: DeepReadonly<ApiObject>): string {
    return this.#texts.get(object) ?? this.#newest.get(object) ?? JSON.stringify(object);
  }

  /** A new commit begins: what was offered with the one before and not asked for is forgotten. */
  beginCommit(): void {
    this.#newest = new Map();
  }

  /** Puts the text of a newly committed object at hand. */
  offer(object: DeepReadonly<ApiObject>, text: string): void {
    this.#newest.set(object, text);
  }

  /** Forgets the text of a state that is past. */
  drop(object: DeepReadonly<ApiObject>): void {
    const text = this.#texts.get(object);
    if (text === undefined) return;
    this.#texts.delete(object);
    this.#characters -= text.length;
  }

  #keep(object: DeepReadonly<ApiObject>, text: string): void {
    this.#texts.set(object, text);
    this.#characters += text.length;
    if (this.#characters <= this.#charactersMax) return;
    for (const [oldest, itsText] of this.#texts) {
      this.#texts.delete(oldest);
      this.#characters -= itsText.length;
      if (this.#characters <= this.#charactersMax) return;
    }
  }
}
