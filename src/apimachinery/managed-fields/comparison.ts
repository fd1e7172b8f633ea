import { deepEqualJson } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';
import { FieldSet } from './field-set.ts';
import { fieldElement, itemElement } from './path-element.ts';
import { isHollow, itemsOf, membersOf, shapeOf } from './shape.ts';

/** What changed between two states of an object. No path stands in two of the sets. */
export interface Comparison {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

/** Compares two states of an object, leaf by leaf. */
export function compareObjects(before: unknown, after: unknown, schema: FieldSchema): Comparison {
  const comparison = empty();
  compareInside(before, after, schema, comparison);
  return comparison;
}

/** The comparison without some fields and all that lies below them. */
export function ignoring(comparison: Comparison, fields: FieldSet): Comparison {
  if (fields.isEmpty()) return comparison;
  return {
    removed: comparison.removed.recursiveDifference(fields),
    modified: comparison.modified.recursiveDifference(fields),
    added: comparison.added.recursiveDifference(fields),
  };
}

function empty(): Comparison {
  return { removed: new FieldSet(), modified: new FieldSet(), added: new FieldSet() };
}

/** Compares what stands under one step; undefined means that it is not there. */
function compareAt(
  element: string,
  before: unknown,
  after: unknown,
  schema: FieldSchema | undefined,
  level: Comparison,
): void {
  if (before === after) return;
  if (schema === undefined || shapeOf(schema) === 'leaf' || (isHollow(before) && isHollow(after))) {
    if (before === undefined) level.added.members.add(element);
    else if (after === undefined) level.removed.members.add(element);
    else if (!deepEqualJson(before, after)) level.modified.members.add(element);
    return;
  }
  const below = empty();
  compareInside(before, after, schema, below);
  level.removed.adopt(element, below.removed);
  level.modified.adopt(element, below.modified);
  level.added.adopt(element, below.added);
  if (before === undefined) level.added.members.add(element);
  else if (after === undefined) level.removed.members.add(element);
}

function compareInside(before: unknown, after: unknown, schema: FieldSchema, level: Comparison): void {
  if (shapeOf(schema) === 'items') {
    compareItems(itemsOf(before), itemsOf(after), schema, level);
    return;
  }
  const left = membersOf(before);
  const right = membersOf(after);
  for (const name of Object.keys(left)) {
    const other = Object.hasOwn(right, name) ? right[name] : undefined;
    compareAt(fieldElement(name), left[name], other, schema.property(name), level);
  }
  for (const name of Object.keys(right)) {
    if (Object.hasOwn(left, name)) continue;
    compareAt(fieldElement(name), undefined, right[name], schema.property(name), level);
  }
}

function compareItems(
  before: readonly unknown[],
  after: readonly unknown[],
  schema: FieldSchema,
  level: Comparison,
): void {
  const left = grouped(before, schema);
  const right = grouped(after, schema);
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const old = left.get(element) ?? [];
    const now = right.get(element) ?? [];
    if (old.length <= 1 && now.length <= 1) compareAt(element, old[0], now[0], schema.items, level);
    else if (old.length >= 2 && now.length >= 2) {
      if (!deepEqualJson(old, now)) level.modified.members.add(element);
    } else if (old.length >= 2) {
      if (now.length === 1) compareAt(element, undefined, now[0], schema.items, level);
      level.removed.members.add(element);
    } else {
      if (old.length === 1) compareAt(element, old[0], undefined, schema.items, level);
      level.added.members.add(element);
    }
  }
}

function grouped(items: readonly unknown[], schema: FieldSchema): ReadonlyMap<string, readonly unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    const element = itemElement(item, schema);
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}
