import { rfc3339 } from '../../apimachinery/clock.ts';
import { parseExactJson } from '../../apimachinery/exact-json.ts';
import { formatGoDuration } from '../../apimachinery/go-duration.ts';
import type { Definition } from '../../apimachinery/schema/index.ts';
import { MAGIC } from './magic.ts';
import type { MessageField, MessageTypes } from './message-types.ts';
import { fieldsOf, signed, WireError, type WireField } from './wire-reader.ts';

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
  readonly #types: MessageTypes;
  readonly #messages = new Map<string, Message>();

  constructor(types: MessageTypes) {
    this.#types = types;
  }

  /** The object of a body. `schemaOf` names the definition of a type, which may be empty texts. Throws WireError. */
  decode(bytes: Uint8Array, schemaOf: (apiVersion: string, kind: string) => string): Record<string, unknown> {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    const fields = this.#message(schemaOf(apiVersion, kind)).decode(raw, 0);
    return { ...(kind && { kind }), ...(apiVersion && { apiVersion }), ...fields };
  }

  #message(id: string): Message {
    let message = this.#messages.get(id);
    if (message === undefined) {
      message = new Message(this.#types.fieldsOf(id), (other) => this.#message(other));
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
  if (bytes.length === MAGIC.length) throw new WireError('empty body');
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

/** One message type: its fields by number, those of embedded messages under their own. */
class Message {
  readonly #fields = new Map<number, MessageField | Map<number, MessageField>>();
  readonly #other: (id: string) => Message;

  constructor(fields: readonly MessageField[], other: (id: string) => Message) {
    this.#other = other;
    for (const field of fields) {
      if (field.within === undefined) {
        this.#fields.set(field.number, field);
        continue;
      }
      const embedded = this.#fields.get(field.within);
      if (embedded instanceof Map) embedded.set(field.number, field);
      else this.#fields.set(field.within, new Map([[field.number, field]]));
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

  #put(
    object: Record<string, unknown>,
    { name, definition }: MessageField,
    wire: WireField,
    depth: number,
  ): void {
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
  [`${META}.Duration`]: (bytes) =>
    formatGoDuration(Number(signed(partsOf(bytes).numbers.get(1) ?? 0n)) / 1e6),
  [`${META}.Time`]: (bytes) => timeOf(bytes),
  [`${META}.MicroTime`]: (bytes) => timeOf(bytes, true),
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

/** Seconds since 1970 of the first and the last second that a time in JSON can say. */
const SECONDS_MIN = -62_167_219_200;
const SECONDS_MAX = 253_402_300_799;

/** No time at all is written as zero. `micro`: with six digits of the second. */
function timeOf(bytes: Uint8Array, micro = false): string | null {
  const { numbers } = partsOf(bytes);
  const seconds = Number(signed(numbers.get(1) ?? 0n));
  const nanoseconds = Number(signed(numbers.get(2) ?? 0n));
  if (seconds === 0 && nanoseconds === 0) return null;
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) throw new WireError('a time is out of range');
  const text = rfc3339(seconds * 1000);
  if (!micro) return text;
  return text.replace('Z', `.${String(Math.floor(nanoseconds / 1000)).padStart(6, '0')}Z`);
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
