import { isJsonObject } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';
import { FieldSet } from './field-set.ts';
import { fieldElement, itemElement } from './path-element.ts';
import { itemsOf, membersOf, shapeOf } from './shape.ts';

/** The fields that a configuration sets: what its applier owns. */
export function fieldsSetBy(value: unknown, schema: FieldSchema): FieldSet {
  const set = new FieldSet();
  walk(value, schema, set);
  return set;
}

function walk(value: unknown, schema: FieldSchema, set: FieldSet): void {
  if (shapeOf(schema) === 'items') walkItems(itemsOf(value), schema, set);
  else if (shapeOf(schema) === 'members') {
    for (const [name, member] of Object.entries(membersOf(value))) {
      if (member === undefined) continue;
      const field = schema.property(name);
      const hollow = member === null || (isJsonObject(member) && Object.keys(member).length === 0);
      // Members of a map are owned besides what is in them; a struct's fields only through their leaves.
      visit(fieldElement(name), member, field, set, hollow || schema.type === 'map');
    }
  }
}

function walkItems(items: readonly unknown[], schema: FieldSchema, set: FieldSet): void {
  const counts = new Map<string, number>();
  const elements = items.map((item) => itemElement(item, schema));
  for (const element of elements) counts.set(element, (counts.get(element) ?? 0) + 1);
  for (const [at, element] of elements.entries()) {
    // Items that cannot be told apart are owned as one.
    if ((counts.get(element) ?? 0) > 1) set.members.add(element);
    else visit(element, items[at], schema.items, set, true);
  }
}

function visit(
  element: string,
  value: unknown,
  schema: FieldSchema | undefined,
  set: FieldSet,
  itself: boolean,
): void {
  if (schema === undefined || shapeOf(schema) === 'leaf') {
    set.members.add(element);
    return;
  }
  const below = new FieldSet();
  walk(value, schema, below);
  set.adopt(element, below);
  if (itself) set.members.add(element);
}
