import { isJsonObject, type JsonObject, setMember } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';
import { canonicalElement, compareElements, elementText, fieldName } from './path-element.ts';

/**
 * A set of paths in an object, as a tree. An element is written as FieldsV1 writes it: `f:spec`, `k:{"name":"a"}`,
 * `v:"x"`. A path may be a member and have members below it: a list item is owned by itself besides its fields.
 */
export class FieldSet {
  readonly members: Set<string>;
  readonly children: Map<string, FieldSet>;

  constructor(members = new Set<string>(), children = new Map<string, FieldSet>()) {
    this.members = members;
    this.children = children;
  }

  isEmpty(): boolean {
    return this.members.size === 0 && this.children.size === 0;
  }

  /** Whether a path is a member. */
  has(path: readonly string[]): boolean {
    const [first = '', ...rest] = path;
    return rest.length === 0 ? this.members.has(first) : (this.children.get(first)?.has(rest) ?? false);
  }

  /** Adds what a walk below an element has found; nothing when it found nothing. */
  adopt(element: string, below: FieldSet): void {
    if (!below.isEmpty()) this.children.set(element, below);
  }

  union(other: FieldSet): FieldSet {
    const children = new Map(this.children);
    for (const [element, theirs] of other.children) {
      const ours = children.get(element);
      children.set(element, ours === undefined ? theirs : ours.union(theirs));
    }
    return new FieldSet(new Set([...this.members, ...other.members]), children);
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet(new Set([...this.members].filter((element) => other.members.has(element))));
    for (const [element, ours] of this.children) {
      const theirs = other.children.get(element);
      if (theirs !== undefined) result.adopt(element, ours.intersection(theirs));
    }
    return result;
  }

  /** Without the paths of the other set; what lies below them stays. */
  difference(other: FieldSet): FieldSet {
    const result = new FieldSet(new Set([...this.members].filter((element) => !other.members.has(element))));
    for (const [element, ours] of this.children) {
      const theirs = other.children.get(element);
      result.adopt(element, theirs === undefined ? ours : ours.difference(theirs));
    }
    return result;
  }

  /** Without the paths of the other set and all that lies below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    const result = new FieldSet(new Set([...this.members].filter((element) => !other.members.has(element))));
    for (const [element, ours] of this.children) {
      if (other.members.has(element)) continue;
      const theirs = other.children.get(element);
      result.adopt(element, theirs === undefined ? ours : ours.recursiveDifference(theirs));
    }
    return result;
  }

  /** With every named field on the way to a member: whoever owns `a.b` owns `a`, unless `a` is a map of any keys. */
  withNamedFields(schema: FieldSchema | undefined): FieldSet {
    const result = new FieldSet(new Set(this.members));
    for (const [element, below] of this.children) {
      const name = fieldName(element);
      const field = name === undefined ? schema?.items : schema?.property(name);
      if (name !== undefined && schema?.type === 'struct' && field !== undefined) result.members.add(element);
      result.children.set(element, below.withNamedFields(field));
    }
    return result;
  }

  /** Every path, in the order in which Kubernetes names them: those of a level first, then what lies below. */
  *paths(prefix = ''): Generator<string> {
    for (const element of sorted(this.members)) yield prefix + elementText(element);
    for (const element of sorted(this.children.keys())) {
      yield* this.children.get(element)?.paths(prefix + elementText(element)) ?? [];
    }
  }

  /** The set as FieldsV1. */
  toFieldsV1(): JsonObject {
    const result: JsonObject = {};
    for (const element of sorted(new Set([...this.members, ...this.children.keys()]))) {
      const below = this.children.get(element)?.toFieldsV1() ?? {};
      const self = this.members.has(element) && this.children.has(element) ? { '.': {} } : {};
      setMember(result, element, { ...self, ...below });
    }
    return result;
  }

  /** Reads FieldsV1; elements of a sort that is not known are left out. Throws SyntaxError for a broken key. */
  static fromFieldsV1(fields: unknown): FieldSet {
    const result = new FieldSet();
    if (fields === undefined || fields === null) return result;
    if (!isJsonObject(fields)) throw new SyntaxError('a set of fields must be an object');
    for (const [key, value] of Object.entries(fields)) {
      if (key === '.') continue;
      const element = canonicalElement(key);
      if (element === undefined) continue;
      const below = FieldSet.fromFieldsV1(value);
      if (below.isEmpty() || (isJsonObject(value) && Object.hasOwn(value, '.'))) result.members.add(element);
      result.adopt(element, below);
    }
    return result;
  }

  /** The set of some paths of fields. */
  static of(...paths: readonly (readonly string[])[]): FieldSet {
    const result = new FieldSet();
    for (const path of paths) {
      let level = result;
      for (const [at, name] of path.entries()) {
        const element = `f:${name}`;
        if (at === path.length - 1) level.members.add(element);
        else {
          const below: FieldSet = level.children.get(element) ?? new FieldSet();
          level.children.set(element, below);
          level = below;
        }
      }
    }
    return result;
  }
}

function sorted(elements: Iterable<string>): string[] {
  return [...elements].sort(compareElements);
}
