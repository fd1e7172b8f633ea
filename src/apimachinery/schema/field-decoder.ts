/** Decoders of a struct's fields: of scalars, lists and maps; what a field holds of structs is theirs to decode. */
import { Decoding } from './decoding.ts';
import { type Definition, refOf } from './definition.ts';
import {
  type Decode,
  decodeAny,
  decodeBoolean,
  decodeBytes,
  decodeInteger,
  decodeNumber,
  decodeString,
  put,
} from './scalars.ts';
import { isAnyRef, isScalarRef, scalarDecoder, scalarZero } from './well-known.ts';

/** Decodes a struct that stands inside another. */
export interface StructReader {
  read: Decode;
}

/** The structs of a set of definitions, by name. */
export type StructReaders = (id: string) => StructReader;

const NO_ITEMS: readonly unknown[] = [];

/** What Go writes for a scalar that has no value. */
export function zeroOf(definition: Definition): () => unknown {
  if (definition.type === 'integer' || definition.type === 'number') return () => 0;
  return definition.type === 'boolean' ? () => false : () => '';
}

/** The decoder of a property, given the Go type that its messages name. */
export function decoderOf(definition: Definition, goType: string, structOf: StructReaders): Decode {
  if (definition.$ref !== undefined) {
    const id = refOf(definition.$ref);
    if (isAnyRef(id)) return decodeAny;
    const scalar = scalarDecoder(id);
    if (scalar !== undefined) return scalar;
    const struct = structOf(id);
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
      return listDecoder(definition, goType, structOf);
    case 'object':
      return definition.additionalProperties === undefined
        ? decodeAny
        : mapDecoder(definition, goType, structOf);
    default:
      return decodeAny;
  }
}

function listDecoder(definition: Definition, goType: string, structOf: StructReaders): Decode {
  // Of a type that is a list by another name, `v1.ExtraValue`, nobody knows here what its items are called.
  const itemType = /^\[\]\*?(.*)$/.exec(goType)?.[1] ?? '';
  const decode = decoderOf(definition.items ?? {}, itemType, structOf);
  return (value, state, known) => {
    if (!Array.isArray(value)) return state.complain(state.mismatch(value, goType, 'slice'));
    const before: readonly unknown[] = Array.isArray(known) ? known : NO_ITEMS;
    // map() makes a list of that length; one that grows item by item has room for sixteen more, and pods have many lists.
    return value.map((item, at) => {
      if (item === before[at] && typeof item === 'object' && item !== null) return item;
      state.enter(at);
      // Go turns a null item into the zero value of its type.
      const decoded =
        item === null ? zeroItem(definition.items ?? {}, structOf) : decode(item, state, before[at]);
      state.leave();
      return decoded;
    });
  };
}

function zeroItem(definition: Definition, structOf: StructReaders): unknown {
  if (definition.type === 'array' || definition.type === 'object') return null;
  if (definition.$ref === undefined) return zeroOf(definition)();
  const id = refOf(definition.$ref);
  if (!isScalarRef(id)) return structOf(id).read({}, new Decoding());
  return scalarZero(id);
}

function mapDecoder(definition: Definition, goType: string, structOf: StructReaders): Decode {
  const member = definition.additionalProperties ?? {};
  const decode = decoderOf(member, goType.replace(/^map\[[\w.]+\]\*?/, ''), structOf);
  return (value, state) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return state.complain(state.mismatch(value, goType, 'map'));
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const each = (value as Record<string, unknown>)[key];
      if (each === undefined) continue;
      state.enterKey(key);
      put(result, key, each === null ? zeroItem(member, structOf) : decode(each, state));
      state.leaveKey();
    }
    return result;
  };
}
