import { sortedMembers } from '../go-text.ts';
import type { FieldSchema } from './field-schema.ts';

/**
 * A copy of a decoded value whose members stand in the order in which Go writes them: those of a struct as its fields are
 * declared, those of a map sorted. For messages that show an object as text.
 */
export function inWireOrder(schema: FieldSchema | undefined, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = schema?.items;
    return value.map((item) => inWireOrder(items, item));
  }
  const object = value as Readonly<Record<string, unknown>>;
  if (schema?.type === 'map') return sortedMembers(eachOrdered(schema, object, Object.keys(object)));
  if (schema?.type !== 'struct') return value;
  const declared = (schema.order ?? []).filter((name) => Object.hasOwn(object, name));
  const strange = Object.keys(object).filter((name) => !declared.includes(name));
  return eachOrdered(schema, object, [...declared, ...strange]);
}

function eachOrdered(
  schema: FieldSchema,
  object: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, inWireOrder(schema.property(name), object[name])]));
}
