import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';

/**
 * JSON characters kept beside the objects. Enough for the objects of the last second of heavy writing, which watches send
 * now, and for a list of ten thousand small objects; not enough to keep every object twice.
 */
const JSON_CHARACTERS_MAX = 16 * 1024 * 1024;

/** The JSON text of objects, made once for each revision while there is room. Objects are told apart by identity. */
export class JsonCache {
  readonly #texts = new Map<DeepReadonly<ApiObject>, string>();
  readonly #charactersMax: number;
  #characters = 0;

  constructor(charactersMax = JSON_CHARACTERS_MAX) {
    this.#charactersMax = charactersMax;
  }

  /** The JSON text of an object that no one changes any more. */
  text(object: DeepReadonly<ApiObject>): string {
    const known = this.#texts.get(object);
    if (known !== undefined) return known;
    const text = JSON.stringify(object);
    this.keep(object, text);
    return text;
  }

  /** Remembers a text that is there already; the oldest give way. */
  keep(object: DeepReadonly<ApiObject>, text: string): void {
    this.#texts.set(object, text);
    this.#characters += text.length;
    if (this.#characters <= this.#charactersMax) return;
    for (const [oldest, itsText] of this.#texts) {
      this.#texts.delete(oldest);
      this.#characters -= itsText.length;
      if (this.#characters <= this.#charactersMax) return;
    }
  }

  /** Forgets the text of a state that is past. */
  drop(object: DeepReadonly<ApiObject>): void {
    const text = this.#texts.get(object);
    if (text === undefined) return;
    this.#texts.delete(object);
    this.#characters -= text.length;
  }
}
