import type { Definitions } from './documents.ts';

/**
 * Texts by definition and field; the empty field is the definition itself. `*` has the fields that every kind has, `*List`
 * those of lists.
 */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Schema {
  readonly properties?: Readonly<Record<string, object>>;
}

/** The definitions with what there is to say of each and of its fields. Pure. */
export function described(definitions: Definitions, descriptions: Descriptions): Definitions {
  const all: Record<string, object> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    const texts = {
      ...('x-kubernetes-group-version-kind' in definition ? descriptions['*'] : {}),
      ...(name.endsWith('List') ? descriptions['*List'] : {}),
      ...descriptions[name],
    };
    all[name] = withTexts(definition, texts);
  }
  return all;
}

function withTexts(definition: Schema, texts: Readonly<Record<string, string>>): object {
  const { '': own, ...fields } = texts;
  const properties: Record<string, object> = {};
  for (const [field, schema] of Object.entries(definition.properties ?? {})) {
    const description = fields[field];
    properties[field] = description === undefined ? schema : { description, ...schema };
  }
  return {
    ...(own === undefined ? {} : { description: own }),
    ...definition,
    ...(definition.properties === undefined ? {} : { properties }),
  };
}
