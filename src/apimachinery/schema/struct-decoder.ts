/** Decodes a struct: its fields, and what Go writes for those that the body lacks. */
import { Decoding, type Embedded } from './decoding.ts';
import { type Definition, refOf } from './definition.ts';
import { isEmpty } from './empties.ts';
import { decoderOf, type StructReader, type StructReaders, zeroOf } from './field-decoder.ts';
import { noteEmpty } from './given-empties.ts';
import type { Decode } from './scalars.ts';
import { isAnyRef } from './well-known.ts';

/** One field of a struct, ready to decode. */
interface Field {
  readonly decode: Decode;
  /** The embedded struct that the field comes from. */
  readonly embedded: Embedded | undefined;
  /** Whether a decoded value is left out. */
  readonly omit: ((value: unknown) => boolean) | undefined;
}

const NOTHING_KNOWN: Readonly<Record<string, unknown>> = Object.freeze({});

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false;

/** See the file's head. Its fields are compiled when the first value is read. */
export class StructDecoder implements StructReader {
  readonly #goName: string;
  readonly #definition: Definition;
  readonly #wire: Readonly<Record<string, string>>;
  readonly #structOf: StructReaders;
  #fields: Map<string, Field> | undefined;
  /** What is written even where the body has nothing, with how to make it. */
  #always: readonly { readonly name: string; make(): unknown }[] = [];

  /** @param goName as Go's complaints name the struct. @param wire how Go writes each of its fields. */
  constructor(
    goName: string,
    definition: Definition,
    wire: Readonly<Record<string, string>>,
    structOf: StructReaders,
  ) {
    this.#goName = goName;
    this.#definition = definition;
    this.#wire = wire;
    this.#structOf = structOf;
  }

  /** Decodes a value that stands inside another. */
  read(value: unknown, state: Decoding, known?: unknown): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return state.complain(state.mismatch(value, `v1.${this.#goName}`, 'struct'));
    }
    const fields = this.#fields ?? this.#compile();
    const result: Record<string, unknown> = {};
    const outer = state.struct;
    const before = (known ?? NOTHING_KNOWN) as Readonly<Record<string, unknown>>;
    // Upstream's converter goes through the fields of a struct, its decoder through the members of the body.
    for (const name of state.converts ? this.#inOrder(value) : Object.keys(value)) {
      const member = (value as Record<string, unknown>)[name];
      if (member === before[name] && typeof member === 'object' && member !== null && fields.has(name)) {
        result[name] = member;
        continue;
      }
      if (member === null || member === undefined) {
        if (member === null && !fields.has(name)) state.unknownField(name);
        continue;
      }
      const field = fields.get(name);
      if (field === undefined) {
        state.unknownField(name);
        continue;
      }
      state.struct = this.#goName;
      if (field.embedded !== undefined) state.enter(field.embedded);
      state.enter(name);
      const decoded = field.decode(member, state, before[name]);
      state.leave();
      if (field.embedded !== undefined) state.leave();
      if (field.omit === undefined || !field.omit(decoded)) result[name] = decoded;
      else if (typeof decoded === 'object') {
        noteEmpty(result, name);
        state.emptied.push(result);
      }
    }
    state.struct = outer;
    for (const field of this.#always) {
      if (result[field.name] === undefined) result[field.name] = field.make();
    }
    return result;
  }

  /** The members of a value in the order of the fields that they are for, strangers last. */
  #inOrder(value: object): readonly string[] {
    const names = Object.keys(this.#wire).filter((name) => Object.hasOwn(value, name));
    const known = new Set(names);
    return [...names, ...Object.keys(value).filter((name) => !known.has(name))];
  }

  #compile(): Map<string, Field> {
    const fields = new Map<string, Field>();
    const always: { name: string; make(): unknown }[] = [];
    this.#fields = fields;
    for (const [name, definition] of Object.entries(this.#definition.properties ?? {})) {
      const [letters = 'p', goType = '', embedded] = (this.#wire[name] ?? '').split(' ');
      const letter = letters[0] ?? 'p';
      const small = letter.toLowerCase();
      const written = letter !== small;
      const omit =
        written || letters.endsWith('z')
          ? undefined
          : small === 'v'
            ? isZero
            : small === 'c'
              ? isEmpty
              : undefined;
      fields.set(name, {
        decode: decoderOf(definition, goType, this.#structOf),
        embedded: embedded === undefined ? undefined : { embedded },
        omit,
      });
      const make = this.#maker(small, written, letters.endsWith('z'), definition, goType);
      if (make !== undefined) always.push({ name, make });
    }
    this.#always = always;
    return fields;
  }

  /** How to make what Go writes for a field that has no value; undefined when it writes nothing. */
  #maker(
    letter: string,
    written: boolean,
    omitZero: boolean,
    definition: Definition,
    goType: string,
  ): (() => unknown) | undefined {
    if (omitZero) return undefined;
    if (letter === 's') {
      if (definition.$ref === undefined || isAnyRef(refOf(definition.$ref))) return undefined;
      const struct = this.#structOf(refOf(definition.$ref));
      return () => struct.read({}, new Decoding());
    }
    if (letter === 't') return () => null;
    if (letter === 'q') return () => (goType === 'intstr.IntOrString' ? 0 : '0');
    if (!written) return undefined;
    if (letter === 'v')
      return goType === 'bool' ? () => false : /^u?int|^float/.test(goType) ? () => 0 : zeroOf(definition);
    return () => null;
  }
}
