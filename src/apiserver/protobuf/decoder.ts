import { rfc3339, rfc3339Micro } from '../../apimachinery/clock.ts';
import { parseExactJson } from '../../apimachinery/exact-json.ts';
import type { Definition, Definitions } from '../../apimachinery/schema/index.ts';
import { fieldsOf, signed, WireError, type WireField } from './wire-reader.ts';

/** Numbers of fields by definition and field; `2.6` is field 6 of the message in field 2. */
export type FieldNumbers = Readonly<Record<string, Readonly<Record<string, number | string>>>>;

/** What stands before every object in Kubernetes' protobuf: `k8s` and a zero byte. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
/** Messages within messages that a body may have: more than any kind, JSON schemas apart, can have. */
const DEPTH_MAX = 100;

/** An object out of its envelope: what it says it is, and its bytes. */
interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** Turns bodies of `application/vnd.kubernetes.protobuf` into what their JSON would parse to. */
export class ProtobufDecoder {
  readonly #definitions: Definitions;
  readonly #numbers: FieldNumbers;
  readonly #messages = new Map<string, Message>();

  constructor(definitions: Definitions, numbers: FieldNumbers) {
    this.#definitions = definitions;
    this.#numbers = numbers;
  }

  /** The object of a body. `schemaOf` names the definition of a type, undefined for an unknown one. Throws WireError. */
  decode(
    bytes: Uint8Array,
    schemaOf: (apiVersion: string, kind: string) => string | undefined,
  ): Record<string, unknown> {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    const schema = schemaOf(apiVersion, kind);
    if (schema === undefined) {
      throw new WireError(
        `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`,
      );
    }
    return { kind, apiVersion, ...this.#message(schema).decode(raw, 0) };
  }

  #message(id: string): Message {
    let message = this.#messages.get(id);
    if (message === undefined) {
      message = new Message(this.#definitions[id] ?? {}, this.#numbers[id] ?? {}, (other) =>
        this.#message(other),
      );
      this.#messages.set(id, message);
    }
    return message;
  }
}

function openEnvelope(bytes: Uint8Array): Envelope {
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) {
    throw new WireError(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  }
  let apiVersion = '';
  let kind = '';
  let raw = new Uint8Array();
  for (const field of fieldsOf(bytes.subarray(MAGIC.length))) {
    if (field.number === 2) raw = bytesOf(field) as typeof raw;
    if (field.number !== 1) continue;
    for (const part of fieldsOf(bytesOf(field))) {
      if (part.number === 1) apiVersion = textOf(part);
      if (part.number === 2) kind = textOf(part);
    }
  }
  return { apiVersion, kind, raw };
}

interface Field {
  readonly name: string;
  readonly definition: Definition;
}

/** One message type: its fields by number, those of embedded messages under their own. */
class Message {
  readonly #fields = new Map<number, Field | Map<number, Field>>();
  readonly #other: (id: string) => Message;

  constructor(
    definition: Definition,
    numbers: Readonly<Record<string, number | string>>,
    other: (id: string) => Message,
  ) {
    this.#other = other;
    for (const [name, place] of Object.entries(numbers)) {
      const field = { name, definition: definition.properties?.[name] ?? {} };
      const [first = 0, second] = String(place).split('.').map(Number);
      if (second === undefined) {
        this.#fields.set(first, field);
        continue;
      }
      const embedded = this.#fields.get(first);
      if (embedded instanceof Map) embedded.set(second, field);
      else this.#fields.set(first, new Map([[second, field]]));
    }
  }

  decode(bytes: Uint8Array, depth: number): Record<string, unknown> {
    if (depth > DEPTH_MAX) throw new WireError('exceeded max depth');
    const object: Record<string, unknown> = {};
    for (const wire of fieldsOf(bytes)) {
      const field = this.#fields.get(wire.number);
      if (field instanceof Map) {
        for (const inner of fieldsOf(bytesOf(wire))) {
          const within = field.get(inner.number);
          if (within !== undefined) this.#put(object, within, inner, depth);
        }
      } else if (field !== undefined) this.#put(object, field, wire, depth);
    }
    return object;
  }

  #put(object: Record<string, unknown>, { name, definition }: Field, wire: WireField, depth: number): void {
    if (definition.type === 'array') {
      object[name] ??= [];
      (object[name] as unknown[]).push(this.#value(definition.items ?? {}, wire, depth));
    } else if (definition.type === 'object' && definition.additionalProperties !== undefined) {
      object[name] ??= Object.create(null);
      const members = object[name] as Record<string, unknown>;
      const [key, value] = this.#entry(definition.additionalProperties, bytesOf(wire), depth);
      members[key] = value;
    } else object[name] = this.#value(definition, wire, depth);
  }

  #entry(definition: Definition, bytes: Uint8Array, depth: number): [string, unknown] {
    let key = '';
    let value: unknown = definition.type === 'string' ? '' : undefined;
    for (const field of fieldsOf(bytes)) {
      if (field.number === 1) key = textOf(field);
      if (field.number !== 2) continue;
      // A list as the value of a map is a message of its own, with the items in field 1 (ExtraValue).
      value =
        definition.type === 'array'
          ? [...fieldsOf(bytesOf(field))].map((item) => this.#value(definition.items ?? {}, item, depth))
          : this.#value(definition, field, depth);
    }
    return [key, value];
  }

  #value(definition: Definition, wire: WireField, depth: number): unknown {
    const { $ref: reference, type, format } = definition;
    if (reference !== undefined) {
      const id = reference.slice(reference.lastIndexOf('/') + 1);
      const special = SPECIAL[id];
      if (special !== undefined) return special(bytesOf(wire));
      return this.#other(id).decode(bytesOf(wire), depth + 1);
    }
    switch (type) {
      case 'boolean':
        return numberOf(wire) !== 0n;
      case 'integer':
        return signed(numberOf(wire));
      case 'number':
        return doubleOf(wire);
      default:
        return format === 'byte' ? Buffer.from(bytesOf(wire)).toString('base64') : textOf(wire);
    }
  }
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Types whose JSON is no object of their fields. */
const SPECIAL: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  [`${META}.Time`]: (bytes) => timeOf(bytes, rfc3339),
  [`${META}.MicroTime`]: (bytes) => timeOf(bytes, rfc3339Micro),
  [`${META}.FieldsV1`]: (bytes) => rawJson(bytes),
  'io.k8s.apimachinery.pkg.runtime.RawExtension': (bytes) => rawJson(bytes),
  'io.k8s.apimachinery.pkg.api.resource.Quantity': (bytes) => partsOf(bytes).texts.get(1) ?? '0',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': (bytes) => {
    const { numbers, texts } = partsOf(bytes);
    return numbers.get(1) === 1n ? (texts.get(3) ?? '') : Number(BigInt.asIntN(32, numbers.get(2) ?? 0n));
  },
};

function partsOf(bytes: Uint8Array): { numbers: Map<number, bigint>; texts: Map<number, string> } {
  const numbers = new Map<number, bigint>();
  const texts = new Map<number, string>();
  for (const field of fieldsOf(bytes)) {
    if (typeof field.value === 'bigint') numbers.set(field.number, field.value);
    else texts.set(field.number, textOf(field));
  }
  return { numbers, texts };
}

/** No time at all is written as zero. */
function timeOf(bytes: Uint8Array, format: (epochMs: number) => string): string | null {
  const { numbers } = partsOf(bytes);
  const seconds = Number(signed(numbers.get(1) ?? 0n));
  const nanoseconds = Number(signed(numbers.get(2) ?? 0n));
  return seconds === 0 && nanoseconds === 0 ? null : format(seconds * 1000 + Math.floor(nanoseconds / 1e6));
}

function rawJson(bytes: Uint8Array): unknown {
  const raw = partsOf(bytes).texts.get(1);
  if (raw === undefined || raw === '') return null;
  try {
    return parseExactJson(raw);
  } catch {
    throw new WireError('a raw field is no JSON');
  }
}

function bytesOf({ value, type }: WireField): Uint8Array {
  if (typeof value !== 'bigint') return value;
  throw new WireError(`proto: wrong wireType = ${type}`);
}

function numberOf({ value, type }: WireField): bigint {
  if (typeof value === 'bigint') return value;
  throw new WireError(`proto: wrong wireType = ${type}`);
}

function textOf(field: WireField): string {
  return Buffer.from(bytesOf(field)).toString('utf8');
}

function doubleOf(wire: WireField): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(numberOf(wire));
  return bytes.readDoubleLE();
}
