import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Storage } from '../../storage/storage.ts';
import type { ServedResource } from '../served-resource.ts';

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

  /** The text of a list; its items go without kind and apiVersion, as upstream encodes those of built-in kinds. */
  list(
    served: ServedResource,
    list: { readonly metadata: object; readonly items: readonly DeepReadonly<ApiObject>[] },
  ): string {
    const { kind } = served.definition;
    const type = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(served.apiVersion)},`;
    const items: string[] = [];
    for (const item of list.items) {
      const text = this.object(served, item);
      items.push(
        text.startsWith(type)
          ? `{${text.slice(type.length)}`
          : JSON.stringify({ ...item, kind: undefined, apiVersion: undefined }),
      );
    }
    const head = `{"kind":"${kind}List","apiVersion":${JSON.stringify(served.apiVersion)}`;
    return `${head},"metadata":${JSON.stringify(list.metadata)},"items":[${items.join(',')}]}`;
  }
}
