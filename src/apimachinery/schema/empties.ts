/** Empty lists and maps that Go writes all the same, and upstream's store keeps as nulls. */
import { type Definition, refOf } from './definition.ts';
import { isAnyRef, isScalarRef } from './well-known.ts';

/** A field that may hold a list or map which is written even when it is empty. */
interface Holder {
  readonly name: string;
  /** Whether it is one itself. */
  readonly written: boolean;
  /** What its value, or each of its items or members, is a struct of. */
  readonly struct: Empties | undefined;
  /** Whether the structs are items or members. */
  readonly many: boolean;
}

const NOTHING_KNOWN: Readonly<Record<string, unknown>> = Object.freeze({});
const NO_ITEMS: readonly unknown[] = [];

/** Whether a value of a list, a map or a string has nothing in it. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'string') return value === '';
  for (const _ in value as object) return false;
  return true;
}

/** Those of one struct and of all that it holds. Where they may be is found out at the first use. */
export class Empties {
  readonly #definition: Definition;
  readonly #wire: Readonly<Record<string, string>>;
  readonly #structOf: (id: string) => Empties;
  #holders: readonly Holder[] | undefined;

  constructor(
    definition: Definition,
    wire: Readonly<Record<string, string>>,
    structOf: (id: string) => Empties,
  ) {
    this.#definition = definition;
    this.#wire = wire;
    this.#structOf = structOf;
  }

  /** Turns them into nulls, in place; what `object` shares with `known` is left as it is. */
  drop(object: Record<string, unknown>, known?: object): void {
    const before = (known ?? NOTHING_KNOWN) as Readonly<Record<string, unknown>>;
    for (const { name, written, struct, many } of this.#holdersOf()) {
      const value = object[name];
      if (typeof value !== 'object' || value === null || value === before[name]) continue;
      if (written && isEmpty(value)) object[name] = null;
      else if (struct !== undefined && !many) {
        struct.drop(value as Record<string, unknown>, before[name] as object | undefined);
      } else if (struct !== undefined) {
        const others = (before[name] ?? NO_ITEMS) as Readonly<Record<string, object>>;
        for (const [key, each] of Object.entries(value))
          if (each !== others[key]) struct.drop(each as Record<string, unknown>, others[key]);
      }
    }
  }

  /** Where in it {@link drop} has to look. */
  #holdersOf(): readonly Holder[] {
    if (this.#holders !== undefined) return this.#holders;
    const holders: Holder[] = [];
    // Set before it is whole, for structs that hold their own kind.
    this.#holders = holders;
    for (const [name, definition] of Object.entries(this.#definition.properties ?? {})) {
      const written = (this.#wire[name] ?? '').startsWith('C');
      const inner = definition.items ?? definition.additionalProperties;
      const ref = (inner ?? definition).$ref;
      const id = ref === undefined ? '' : refOf(ref);
      const isStruct = id !== '' && !isScalarRef(id) && !isAnyRef(id);
      const struct = isStruct ? this.#structOf(id) : undefined;
      const holds = struct !== undefined && struct.#holdersOf().length > 0;
      if (written || holds) {
        holders.push({ name, written, struct: holds ? struct : undefined, many: inner !== undefined });
      }
    }
    return holders;
  }
}
