/** Compiled schemas: decoding a body into the form in which Go would write it, and what patches need to know of a field. */
import { invariant } from '../invariant.ts';
import { type DecodeOptions, Decoding } from './decoding.ts';
import type { Definition, Definitions, WireFormat } from './definition.ts';
import { Empties } from './empties.ts';
import { type FieldSchema, fieldSchema, mergeRulesOf, withZero } from './field-schema.ts';
import { forgetEmpties, noteStructs } from './given-empties.ts';
import { StructDecoder } from './struct-decoder.ts';

/** A kind's schema. */
export interface KindSchema extends FieldSchema {
  /**
   * A copy of `value` in the form in which Go would write it: unknown fields and nulls dropped, empty values left out or
   * put in as the wire format says, quantities, times and numbers canonical. Throws DecodeError for a value that does not
   * fit its type. `unknown` are the paths of fields that the kind does not have.
   *
   * Where `value` has the very same parts as `known`, an object that was decoded before, these are not looked at again but
   * shared with it: what is derived from an object costs what it changes.
   */
  decode(
    value: unknown,
    options?: DecodeOptions,
  ): { readonly object: Record<string, unknown>; readonly unknown: readonly string[] };
  /**
   * Turns empty lists and maps that Go always writes into nulls, in place, and forgets that others were given: upstream's
   * store keeps none. What `object` shares
   * with `known`, which came from the store, is left as it is.
   */
  dropEmpties(object: Record<string, unknown>, known?: object): void;
}

/** All kinds of one set of definitions; each is compiled when first asked for. */
export class SchemaSet {
  readonly definitions: Definitions;
  /** How Go writes each field. */
  readonly wire: WireFormat;
  readonly #structs = new Map<string, StructSchema>();

  constructor(definitions: Definitions, wire: WireFormat) {
    this.definitions = definitions;
    this.wire = wire;
  }

  /** The kind of that name, `io.k8s.api.batch.v1.Job`; asking for one that is not there is a mistake of ours. */
  kind(id: string): KindSchema {
    return this.#struct(id);
  }

  #struct(id: string): StructSchema {
    let struct = this.#structs.get(id);
    if (struct === undefined) {
      const definition = this.definitions[id];
      invariant(definition, `no definition is named ${id}`);
      struct = new StructSchema(id, definition, this.wire[id] ?? {}, (each) => this.#struct(each));
      this.#structs.set(id, struct);
    }
    return struct;
  }
}

class StructSchema implements KindSchema {
  readonly type = 'struct';
  readonly items = undefined;
  readonly patchStrategies: readonly string[] = [];
  readonly mapType?: 'atomic' | 'granular';
  readonly #definition: Definition;
  readonly #wire: Readonly<Record<string, string>>;
  readonly #structOf: (id: string) => StructSchema;
  readonly #decoder: StructDecoder;
  readonly #empties: Empties;
  readonly #properties = new Map<string, FieldSchema>();

  constructor(
    id: string,
    definition: Definition,
    wire: Readonly<Record<string, string>>,
    structOf: (id: string) => StructSchema,
  ) {
    this.#definition = definition;
    this.#wire = wire;
    this.#structOf = structOf;
    const goName = id.slice(id.lastIndexOf('.') + 1);
    this.#decoder = new StructDecoder(goName, definition, wire, (each) => structOf(each).#decoder);
    this.#empties = new Empties(definition, wire, (each) => structOf(each).#empties);
    const { mapType } = mergeRulesOf(definition);
    if (mapType !== undefined) this.mapType = mapType;
  }

  get order(): readonly string[] {
    return Object.keys(this.#wire);
  }

  property(name: string): FieldSchema | undefined {
    let property = this.#properties.get(name);
    const definitions = this.#definition.properties;
    if (property === undefined && definitions !== undefined && Object.hasOwn(definitions, name)) {
      property = withZero(fieldSchema(definitions[name] ?? {}, this.#structOf), this.#wire[name] ?? '');
      this.#properties.set(name, property);
    }
    return property;
  }

  decode(
    value: unknown,
    options?: DecodeOptions,
  ): { readonly object: Record<string, unknown>; readonly unknown: readonly string[] } {
    const state = new Decoding(options);
    const object = this.#decoder.read(value, state, options?.known) as Record<string, unknown>;
    state.end();
    if (state.emptied.length > 0) noteStructs(object, state.emptied);
    return { object, unknown: state.unknown };
  }

  dropEmpties(object: Record<string, unknown>, known?: object): void {
    this.#empties.drop(object, known);
    forgetEmpties(object);
  }
}
