/** Compiled schemas: decoding a body into the form in which Go would write it, and what patches need to know of a field. */
import { invariant } from '../invariant.ts';
import { type DecodeOptions, Decoding, type Embedded } from './decoding.ts';
import type { Definition, Definitions, WireFormat } from './definition.ts';
import {
  type Decode,
  decodeAny,
  decodeBoolean,
  decodeBytes,
  decodeInteger,
  decodeIntOrString,
  decodeNumber,
  decodeQuantity,
  decodeString,
  decodeTime,
  put,
} from './scalars.ts';

/** How lists and maps of a field are merged: by server-side apply (`listType`) and by strategic merge (the rest). */
export interface MergeRules {
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  /** `merge`, `replace`, `retainKeys`. */
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey?: string;
}

/** What stands at a place in an object. */
export interface FieldSchema extends MergeRules {
  readonly type: 'struct' | 'map' | 'list' | 'scalar' | 'any';
  /** The field of that name in a struct; the member in a map. */
  property(name: string): FieldSchema | undefined;
  /** The items of a list. */
  readonly items: FieldSchema | undefined;
  /** Of a struct: its fields as Go declares them, the order in which it writes them. */
  readonly order?: readonly string[];
  /** Of a scalar: what JSON it is; untyped ones may be texts or numbers. */
  readonly scalar?: 'string' | 'numeric' | 'boolean' | 'untyped';
  /** What counts for the field where it is missing, when it is a key of a list. */
  readonly default?: string | number | boolean;
}

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
   * Turns empty lists and maps that Go always writes into nulls, in place: upstream's store keeps none. What `object` shares
   * with `known`, which came from the store, is left as it is.
   */
  dropEmpties(object: Record<string, unknown>, known?: object): void;
}

const SCALAR_REFS: Readonly<Record<string, Decode>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': decodeQuantity,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': decodeIntOrString,
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': decodeTime(false),
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': decodeTime(true),
};

/** What a null stands for among the items of a list or the members of a map; a time is null itself. */
const ZERO_REFS: Readonly<Record<string, unknown>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': '0',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 0,
};

const ANY_REFS = new Set([
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  'io.k8s.apimachinery.pkg.runtime.RawExtension',
]);

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
    return this.struct(id);
  }

  /** @internal The struct of that definition. */
  struct(id: string): StructSchema {
    let struct = this.#structs.get(id);
    if (struct === undefined) {
      const definition = this.definitions[id];
      invariant(definition, `no definition is named ${id}`);
      struct = new StructSchema(id.slice(id.lastIndexOf('.') + 1), definition, this.wire[id] ?? {}, this);
      this.#structs.set(id, struct);
    }
    return struct;
  }
}

const UNMERGED: MergeRules = { patchStrategies: [] };

function mergeRulesOf(definition: Definition): MergeRules {
  const listType = definition['x-kubernetes-list-type'] as MergeRules['listType'];
  const listMapKeys = definition['x-kubernetes-list-map-keys'];
  const mapType = definition['x-kubernetes-map-type'] as MergeRules['mapType'];
  const strategies = definition['x-kubernetes-patch-strategy'];
  const patchMergeKey = definition['x-kubernetes-patch-merge-key'];
  return {
    ...(listType === undefined ? {} : { listType }),
    ...(listMapKeys === undefined ? {} : { listMapKeys }),
    ...(mapType === undefined ? {} : { mapType }),
    patchStrategies: strategies?.split(',') ?? [],
    ...(patchMergeKey === undefined ? {} : { patchMergeKey }),
  };
}

/** One field of a struct, ready to decode. */
interface Field {
  readonly name: string;
  readonly decode: Decode;
  /** The embedded struct that the field comes from. */
  readonly embedded: Embedded | undefined;
  /** Whether a decoded value is left out. */
  readonly omit: ((value: unknown) => boolean) | undefined;
}

/** A field that may hold a list or map which is written even when it is empty. */
interface Holder {
  readonly name: string;
  /** Whether it is one itself. */
  readonly written: boolean;
  /** What its value, or each of its items or members, is a struct of. */
  readonly struct: StructSchema | undefined;
  /** Whether the structs are items or members. */
  readonly many: boolean;
}

const NOTHING_KNOWN: Readonly<Record<string, unknown>> = Object.freeze({});
const NO_ITEMS: readonly unknown[] = [];

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false;

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'string') return value === '';
  for (const _ in value as object) return false;
  return true;
}

class StructSchema implements KindSchema {
  readonly type = 'struct';
  readonly items = undefined;
  readonly patchStrategies: readonly string[] = [];
  readonly mapType?: 'atomic' | 'granular';
  readonly #goName: string;
  readonly #definition: Definition;
  readonly #wire: Readonly<Record<string, string>>;
  readonly #set: SchemaSet;
  readonly #properties = new Map<string, FieldSchema>();
  #fields: Map<string, Field> | undefined;
  #holders: readonly Holder[] | undefined;
  /** What is written even where the body has nothing, with how to make it. */
  #always: readonly { readonly name: string; make(): unknown }[] = [];

  constructor(
    goName: string,
    definition: Definition,
    wire: Readonly<Record<string, string>>,
    set: SchemaSet,
  ) {
    this.#goName = goName;
    this.#definition = definition;
    this.#wire = wire;
    this.#set = set;
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
      property = withZero(fieldSchema(definitions[name] ?? {}, this.#set), this.#wire[name] ?? '');
      this.#properties.set(name, property);
    }
    return property;
  }

  decode(
    value: unknown,
    options?: DecodeOptions,
  ): { readonly object: Record<string, unknown>; readonly unknown: readonly string[] } {
    const state = new Decoding(options);
    const object = this.read(value, state, options?.known) as Record<string, unknown>;
    state.end();
    return { object, unknown: state.unknown };
  }

  /** @internal Decodes a value that stands inside another. */
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
    }
    state.struct = outer;
    for (const field of this.#always) {
      if (result[field.name] === undefined) result[field.name] = field.make();
    }
    return result;
  }

  /** The members of a value in the order of the fields that they are for, strangers last. */
  #inOrder(value: object): readonly string[] {
    const names = this.order.filter((name) => Object.hasOwn(value, name));
    const known = new Set(names);
    return [...names, ...Object.keys(value).filter((name) => !known.has(name))];
  }

  dropEmpties(object: Record<string, unknown>, known?: object): void {
    const before = (known ?? NOTHING_KNOWN) as Readonly<Record<string, unknown>>;
    for (const { name, written, struct, many } of this.holders()) {
      const value = object[name];
      if (typeof value !== 'object' || value === null || value === before[name]) continue;
      if (written && isEmpty(value)) object[name] = null;
      else if (struct !== undefined && !many) {
        struct.dropEmpties(value as Record<string, unknown>, before[name] as object | undefined);
      } else if (struct !== undefined) {
        const others = (before[name] ?? NO_ITEMS) as Readonly<Record<string, object>>;
        for (const [key, each] of Object.entries(value))
          if (each !== others[key]) struct.dropEmpties(each as Record<string, unknown>, others[key]);
      }
    }
  }

  /** @internal Where in it {@link dropEmpties} has to look. */
  holders(): readonly Holder[] {
    if (this.#holders !== undefined) return this.#holders;
    const holders: Holder[] = [];
    // Set before it is whole, for structs that hold their own kind.
    this.#holders = holders;
    for (const [name, definition] of Object.entries(this.#definition.properties ?? {})) {
      const written = (this.#wire[name] ?? '').startsWith('C');
      const inner = definition.items ?? definition.additionalProperties;
      const ref = (inner ?? definition).$ref;
      const id = ref === undefined ? '' : refOf(ref);
      const isStruct = id !== '' && SCALAR_REFS[id] === undefined && !ANY_REFS.has(id);
      const struct = isStruct ? this.#set.struct(id) : undefined;
      const holds = struct !== undefined && struct.holders().length > 0;
      if (written || holds) {
        holders.push({ name, written, struct: holds ? struct : undefined, many: inner !== undefined });
      }
    }
    return holders;
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
        name,
        decode: decoderOf(definition, goType, this.#set),
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
      if (definition.$ref === undefined || ANY_REFS.has(refOf(definition.$ref))) return undefined;
      const struct = this.#set.struct(refOf(definition.$ref));
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

function zeroOf(definition: Definition): () => unknown {
  if (definition.type === 'integer' || definition.type === 'number') return () => 0;
  return definition.type === 'boolean' ? () => false : () => '';
}

const refOf = (ref: string): string => ref.slice('#/definitions/'.length);

/** The decoder of a property, given the Go type that its messages name. */
function decoderOf(definition: Definition, goType: string, set: SchemaSet): Decode {
  if (definition.$ref !== undefined) {
    const id = refOf(definition.$ref);
    if (ANY_REFS.has(id)) return decodeAny;
    const scalar = SCALAR_REFS[id];
    if (scalar !== undefined) return scalar;
    const struct = set.struct(id);
    return (value, state, known) => struct.read(value, state, known);
  }
  switch (definition.type) {
    case 'string':
      return definition.format === 'byte' ? decodeBytes : decodeString(goType === '' ? 'string' : goType);
    case 'integer':
      return decodeInteger(/^u?int/.test(goType) ? goType : (definition.format ?? 'int64'));
    case 'number':
      return decodeNumber;
    case 'boolean':
      return decodeBoolean;
    case 'array':
      return listDecoder(definition, goType, set);
    case 'object':
      return definition.additionalProperties === undefined ? decodeAny : mapDecoder(definition, goType, set);
    default:
      return decodeAny;
  }
}

function listDecoder(definition: Definition, goType: string, set: SchemaSet): Decode {
  const decode = decoderOf(definition.items ?? {}, goType.replace(/^\[\]\*?/, ''), set);
  return (value, state, known) => {
    if (!Array.isArray(value)) return state.complain(state.mismatch(value, goType, 'slice'));
    const before: readonly unknown[] = Array.isArray(known) ? known : NO_ITEMS;
    // map() makes a list of that length; one that grows item by item has room for sixteen more, and pods have many lists.
    return value.map((item, at) => {
      if (item === before[at] && typeof item === 'object' && item !== null) return item;
      state.enter(at);
      // Go turns a null item into the zero value of its type.
      const decoded = item === null ? zeroItem(definition.items ?? {}, set) : decode(item, state, before[at]);
      state.leave();
      return decoded;
    });
  };
}

function zeroItem(definition: Definition, set: SchemaSet): unknown {
  if (definition.$ref === undefined) return zeroOf(definition)();
  const id = refOf(definition.$ref);
  if (SCALAR_REFS[id] === undefined) return set.struct(id).read({}, new Decoding());
  return ZERO_REFS[id] ?? null;
}

function mapDecoder(definition: Definition, goType: string, set: SchemaSet): Decode {
  const member = definition.additionalProperties ?? {};
  const decode = decoderOf(member, goType.replace(/^map\[[\w.]+\]\*?/, ''), set);
  return (value, state) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return state.complain(state.mismatch(value, goType, 'map'));
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const each = (value as Record<string, unknown>)[key];
      if (each === undefined) continue;
      state.enterKey(key);
      put(result, key, each === null ? zeroItem(member, set) : decode(each, state));
      state.leaveKey();
    }
    return result;
  };
}

/** What patches need to know of a property. */
function fieldSchema(definition: Definition, set: SchemaSet): FieldSchema {
  const rules = mergeRulesOf(definition);
  if (definition.$ref !== undefined) {
    const id = refOf(definition.$ref);
    if (ANY_REFS.has(id)) return leaf('any', rules);
    if (SCALAR_REFS[id] !== undefined) return { ...leaf('scalar', rules), scalar: 'untyped' };
    const struct = set.struct(id);
    const mapType = rules.mapType ?? struct.mapType;
    return {
      ...rules,
      ...(mapType === undefined ? {} : { mapType }),
      type: 'struct',
      items: undefined,
      property: (name) => struct.property(name),
      get order() {
        return struct.order;
      },
    };
  }
  if (definition.type === 'array') {
    const items = fieldSchema(definition.items ?? {}, set);
    return { ...rules, type: 'list', items, property: () => undefined };
  }
  if (definition.type === 'object' && definition.additionalProperties !== undefined) {
    const member = fieldSchema(definition.additionalProperties, set);
    return { ...rules, type: 'map', items: undefined, property: () => member };
  }
  const scalar = SCALAR_TYPES[definition.type ?? ''];
  if (scalar === undefined) return leaf('any', rules);
  const { default: fallback } = definition;
  return { ...leaf('scalar', rules), scalar, ...(fallback === undefined ? {} : { default: fallback }) };
}

/** A field that Go always writes counts with its zero value where it is missing, as upstream's generated schemas say. */
function withZero(field: FieldSchema, wire: string): FieldSchema {
  const { scalar, default: fallback } = field;
  if (!wire.startsWith('V') || scalar === undefined || scalar === 'untyped' || fallback !== undefined)
    return field;
  return { ...field, default: scalar === 'string' ? '' : scalar === 'numeric' ? 0 : false };
}

const SCALAR_TYPES: Readonly<Record<string, NonNullable<FieldSchema['scalar']>>> = {
  string: 'string',
  integer: 'numeric',
  number: 'numeric',
  boolean: 'boolean',
};

function leaf(type: 'scalar' | 'any', rules: MergeRules = UNMERGED): FieldSchema {
  return { ...rules, type, items: undefined, property: () => undefined };
}
