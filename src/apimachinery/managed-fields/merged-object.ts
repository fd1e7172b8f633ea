import { type JsonObject, setMember } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';
import { itemElement } from './path-element.ts';
import { isHollow, itemsOf, membersOf, shapeOf } from './shape.ts';

/**
 * Lays a configuration over an object: what the configuration has wins, the rest stays. Items of associative lists are
 * merged one by one; those that the configuration names stand in its order.
 */
export function mergeConfiguration(live: unknown, configuration: unknown, schema: FieldSchema): unknown {
  return merged(live, configuration, schema);
}

function merged(live: unknown, config: unknown, schema: FieldSchema | undefined): unknown {
  if (config === undefined) return live;
  if (live === undefined) return config;
  const shape = shapeOf(schema);
  if (schema === undefined || shape === 'leaf' || (isHollow(live) && isHollow(config))) return config;
  return shape === 'items'
    ? mergedItems(itemsOf(live), itemsOf(config), schema)
    : mergedMembers(membersOf(live), membersOf(config), schema);
}

function mergedMembers(live: JsonObject, config: JsonObject, schema: FieldSchema): JsonObject {
  const result = { ...live };
  for (const [name, value] of Object.entries(config)) {
    const current = Object.hasOwn(live, name) ? live[name] : undefined;
    setMember(result, name, merged(current, value, schema.property(name)));
  }
  return result;
}

/**
 * The items of both lists. Walks both at once: live items that the configuration does not name keep their place before the
 * next shared item, shared ones follow the configuration's order.
 */
function mergedItems(live: readonly unknown[], config: readonly unknown[], schema: FieldSchema): unknown[] {
  const liveElements = live.map((item) => itemElement(item, schema));
  const configElements = config.map((item) => itemElement(item, schema));
  const wanted = new Map(configElements.map((element, at) => [element, config[at]] as const));
  const present = uniqueItems(live, liveElements);
  const shared = configElements.filter((element) => present.has(element));
  const done = new Set<string>();
  const result: unknown[] = [];
  let left = 0;
  let right = 0;
  let nextShared = 0;
  const take = (element: string): void => {
    done.add(element);
    result.push(merged(present.get(element), wanted.get(element), schema.items));
    right++;
    if (shared[nextShared] === element) nextShared++;
  };
  while (left < live.length || right < config.length) {
    const ours = liveElements[left];
    const theirs = configElements[right];
    if (ours !== undefined && theirs !== undefined) {
      if (ours === theirs) {
        take(theirs);
        left++;
        continue;
      }
      if (wanted.has(ours) && nextShared < shared.length && shared[nextShared] !== ours) {
        left++;
        continue;
      }
    }
    if (ours !== undefined) {
      if (!wanted.has(ours)) {
        result.push(live[left++]);
        continue;
      }
      if (done.has(ours)) left++;
    }
    if (theirs !== undefined) take(theirs);
  }
  return result;
}

/** Items by step; one that stands twice is not merged with anything, and only known to be there. */
function uniqueItems(items: readonly unknown[], elements: readonly string[]): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [at, element] of elements.entries())
    found.set(element, found.has(element) ? undefined : items[at]);
  return found;
}
