/**
 * What each definition and each of its fields is for, in this project's own words: what `kubectl explain` shows. The texts
 * lie in `descriptions/`, by the part of a definition's name before its last dot, type and field; the empty field is the
 * type itself. Under no name at all stand the texts of fields that every kind has (`*`) and of lists (`*List`).
 */

type Texts = Readonly<Record<string, string>>;

/**
 * Loads the texts by full name of the definition: a hundred kilobytes that a server needs only when somebody asks for its
 * OpenAPI documents.
 */
export async function loadDescriptions(): Promise<Readonly<Record<string, Texts>>> {
  const files: readonly { readonly default: Readonly<Record<string, Readonly<Record<string, Texts>>>> }[] =
    await Promise.all([
      import('./descriptions/access.json', { with: { type: 'json' } }),
      import('./descriptions/batch.json', { with: { type: 'json' } }),
      import('./descriptions/containers.json', { with: { type: 'json' } }),
      import('./descriptions/core.json', { with: { type: 'json' } }),
      import('./descriptions/groups.json', { with: { type: 'json' } }),
      import('./descriptions/meta.json', { with: { type: 'json' } }),
      import('./descriptions/pods.json', { with: { type: 'json' } }),
      import('./descriptions/volumes.json', { with: { type: 'json' } }),
    ]);
  const all: Record<string, Texts> = {};
  for (const { default: prefixes } of files) {
    for (const [prefix, types] of Object.entries(prefixes)) {
      for (const [type, texts] of Object.entries(types))
        all[prefix === '' ? type : `${prefix}.${type}`] = texts;
    }
  }
  return all;
}
