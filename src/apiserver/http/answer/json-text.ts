import type { ApiObject, DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Storage } from '../../../storage/storage.ts';
import type { ServedResource } from '../../served-resource.ts';

/** Letters of a list that are put together before they leave. */
const PIECE_LETTERS_MIN = 128 * 1024;

/**
 * The JSON text of answers that show the store's own objects: the texts that the store has made are put together instead
 * of encoding everything again.
 */
export class StoredText {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** The text of an object as this resource shows it. */
  object(served: ServedResource, object: DeepReadonly<ApiObject>): string {
    return served.definition.storedAs === undefined ? this.#storage.json(object) : JSON.stringify(object);
  }

  /**
   * The text of a list, piece by piece, each made when it is asked for: a list of a hundred thousand objects is never in
   * memory as a whole. Items go without kind and apiVersion, as upstream encodes those of built-in kinds.
   */
  *list(
    served: ServedResource,
    list: { readonly metadata: object; readonly items: readonly DeepReadonly<ApiObject>[] },
  ): Generator<string, void> {
    const { kind, storedAs } = served.definition;
    const apiVersion = JSON.stringify(served.apiVersion);
    const type = `{"kind":${JSON.stringify(kind)},"apiVersion":${apiVersion},`;
    let letters = 0;
    let parts: string[] = [];
    let before = `{"kind":"${kind}List","apiVersion":${apiVersion},"metadata":${JSON.stringify(list.metadata)},"items":[`;
    for (const item of list.items) {
      const text = storedAs === undefined ? this.#storage.json(item, true) : JSON.stringify(item);
      parts.push(before, text.startsWith(type) ? `{${text.slice(type.length)}` : untypedText(item));
      before = ',';
      letters += text.length;
      if (letters < PIECE_LETTERS_MIN) continue;
      yield parts.join('');
      parts = [];
      letters = 0;
    }
    parts.push(list.items.length === 0 ? before : '', ']}\n');
    yield parts.join('');
  }
}

function untypedText(item: DeepReadonly<ApiObject>): string {
  return JSON.stringify({ ...item, kind: undefined, apiVersion: undefined });
}
