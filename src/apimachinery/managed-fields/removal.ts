import { type JsonObject, setMember } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';
import type { FieldSet } from './field-set.ts';
import { fieldElement, itemElement } from './path-element.ts';
import { isHollow, itemsOf, membersOf, shapeOf } from './shape.ts';

/** An object without the fields and items of a set. What becomes empty becomes null; decoding leaves it out. */
export function withoutFields(value: unknown, fields: FieldSet, schema: FieldSchema | undefined): unknown {
  if (fields.isEmpty()) return value;
  if (schema?.type === 'scalar' || schema === undefined) return value;
  if (isHollow(value) || shapeOf(schema) === 'leaf') return null;
  return shapeOf(schema) === 'items'
    ? withoutItems(itemsOf(value), fields, schema)
    : withoutMembers(membersOf(value), fields, schema);
}

function withoutItems(items: readonly unknown[], fields: FieldSet, schema: FieldSchema): unknown[] | null {
  const kept: unknown[] = [];
  for (const item of items) {
    const element = itemElement(item, schema);
    if (fields.members.has(element)) continue;
    const below = fields.children.get(element);
    kept.push(below === undefined ? item : withoutFields(item, below, schema.items));
  }
  return kept.length === 0 ? null : kept;
}

function withoutMembers(members: JsonObject, fields: FieldSet, schema: FieldSchema): JsonObject | null {
  const kept: JsonObject = {};
  let any = false;
  for (const [name, member] of Object.entries(members)) {
    const element = fieldElement(name);
    if (fields.members.has(element)) continue;
    const below = fields.children.get(element);
    setMember(kept, name, below === undefined ? member : withoutFields(member, below, schema.property(name)));
    any = true;
  }
  return any ? kept : null;
}
