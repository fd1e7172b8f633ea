import { isJsonObject, type JsonObject } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';

/** How ownership sees a value: as one thing, as members each owned by itself, or as items each owned by itself. */
export type Shape = 'leaf' | 'members' | 'items';

/** The shape of the values of a type. Where no structure is known, a value is one thing. */
export function shapeOf(schema: FieldSchema | undefined): Shape {
  switch (schema?.type) {
    case 'struct':
    case 'map':
      return schema.mapType === 'atomic' ? 'leaf' : 'members';
    case 'list':
      return schema.listType === 'set' || schema.listType === 'map' ? 'items' : 'leaf';
    default:
      return 'leaf';
  }
}

/** A value that has nothing inside: a leaf whatever its type, so that empty and absent can be told apart. */
export function isHollow(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object') return false;
  for (const _ in value) return false;
  return true;
}

/** The members of an object; none for anything else. */
export function membersOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : NONE;
}

/** The items of a list; none for anything else. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS;
}

const NONE: JsonObject = {};
const NO_ITEMS: readonly unknown[] = [];
