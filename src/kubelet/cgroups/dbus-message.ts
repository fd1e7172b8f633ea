/** Messages of D-Bus, as far as they are needed to ask systemd for units. Pure. Source: the D-Bus specification, 0.38. */
import type { UnitProperty } from './slices.ts';

/** Bytes of a message before the list of its header's fields. */
const FIXED_BYTES = 16;
/** Most bytes of a message. Source: the specification. */
const MESSAGE_BYTES_MAX = 128 << 20;

const LITTLE_ENDIAN = 'l'.charCodeAt(0);
const VERSION = 1;
const METHOD_CALL = 1;
const FIELD = {
  path: 1,
  interface: 2,
  member: 3,
  errorName: 4,
  replySerial: 5,
  destination: 6,
  signature: 8,
};

/** A call to an object of systemd. */
export interface Call {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  /** Writes the arguments, in the order of the signature. */
  readonly body: (writer: Writer) => void;
}

/** Gathers bytes; each value begins where its size divides the place. */
export class Writer {
  #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  align(size: number): this {
    while (this.#bytes.length % size !== 0) this.#bytes.push(0);
    return this;
  }

  byte(value: number): this {
    this.#bytes.push(value);
    return this;
  }

  uint32(value: number): this {
    this.align(4);
    for (let shift = 0; shift < 32; shift += 8) this.#bytes.push((value >>> shift) & 0xff);
    return this;
  }

  uint64(value: bigint): this {
    this.align(8);
    return this.uint32(Number(value & 0xffff_ffffn)).uint32(Number(value >> 32n));
  }

  boolean(value: boolean): this {
    return this.uint32(value ? 1 : 0);
  }

  text(value: string): this {
    const bytes = Buffer.from(value);
    this.uint32(bytes.length);
    this.#bytes.push(...bytes, 0);
    return this;
  }

  signature(value: string): this {
    this.#bytes.push(value.length, ...Buffer.from(value), 0);
    return this;
  }

  /** A list whose elements begin at every eighth byte; what comes before the first does not count as its length. */
  list(elements: readonly ((writer: this) => void)[]): this {
    this.uint32(0);
    const place = this.#bytes.length - 4;
    this.align(8);
    const start = this.#bytes.length;
    for (const write of elements) {
      this.align(8);
      write(this);
    }
    const bytes = this.#bytes.length - start;
    for (let index = 0; index < 4; index++) this.#bytes[place + index] = (bytes >>> (8 * index)) & 0xff;
    return this;
  }

  /** Properties of a unit, each a name and a variant: `a(sv)`. */
  properties(properties: readonly UnitProperty[]): this {
    return this.list(
      properties.map(([name, value]) => (writer) => {
        writer.text(name);
        if (typeof value === 'boolean') writer.signature('b').boolean(value);
        else writer.signature('t').uint64(value);
      }),
    );
  }

  bytes(): Buffer {
    return Buffer.from(this.#bytes);
  }
}

/** The bytes of a call to systemd. */
export function encodeCall(serial: number, call: Call): Buffer {
  const body = new Writer();
  call.body(body);
  const field = (code: number, signature: string, value: string) => (writer: Writer) => {
    writer.byte(code).signature(signature);
    if (signature === 'g') writer.signature(value);
    else writer.text(value);
  };
  const head = new Writer();
  for (const byte of [LITTLE_ENDIAN, METHOD_CALL, 0, VERSION]) head.byte(byte);
  head.uint32(body.length).uint32(serial);
  head.list([
    field(FIELD.path, 'o', call.path),
    field(FIELD.destination, 's', 'org.freedesktop.systemd1'),
    field(FIELD.interface, 's', call.interface),
    field(FIELD.member, 's', call.member),
    ...(call.signature === '' ? [] : [field(FIELD.signature, 'g', call.signature)]),
  ]);
  return Buffer.concat([head.align(8).bytes(), body.bytes()]);
}

/** A message that came from systemd or the bus. */
export interface Message {
  readonly kind: 'call' | 'answer' | 'error' | 'signal';
  /** Of an answer or error: to which call. */
  readonly replySerial?: number;
  /** Of a signal. */
  readonly member?: string;
  /** Of an error. */
  readonly errorName?: string;
  /** The texts and numbers at the head of the body, as far as they are of types `s`, `o` and `u`. */
  readonly values: readonly (string | number)[];
}

const KINDS = [undefined, 'call', 'answer', 'error', 'signal'] as const;

/**
 * The first whole message in those bytes, and how many it takes; undefined while it is not all there.
 *
 * @throws {Error} for what is no message of a machine like this one.
 */
export function decodeMessage(
  bytes: Buffer,
): { readonly message: Message; readonly length: number } | undefined {
  if (bytes.length < FIXED_BYTES) return undefined;
  const kind = KINDS[bytes.readUInt8(1)];
  const fieldsEnd = FIXED_BYTES + bytes.readUInt32LE(12);
  const bodyStart = Math.ceil(fieldsEnd / 8) * 8;
  const length = bodyStart + bytes.readUInt32LE(4);
  if (bytes.readUInt8(0) !== LITTLE_ENDIAN || kind === undefined || length > MESSAGE_BYTES_MAX) {
    throw new Error('systemd sent what is no message of D-Bus');
  }
  if (bytes.length < length) return undefined;
  const fields = new Map<number, string | number>();
  for (const reader = new Reader(bytes, FIXED_BYTES); reader.at < fieldsEnd; ) {
    const code = reader.align(8).byte();
    fields.set(code, reader.value(reader.signature()));
  }
  const body = new Reader(bytes, bodyStart);
  const values: (string | number)[] = [];
  for (const type of String(fields.get(FIELD.signature) ?? '')) {
    if (!'sou'.includes(type)) break;
    values.push(body.value(type));
  }
  const told = { replySerial: FIELD.replySerial, member: FIELD.member, errorName: FIELD.errorName };
  const named = Object.entries(told).flatMap(([name, code]) => {
    const value = fields.get(code);
    return value === undefined ? [] : [[name, value]];
  });
  return { message: { kind, values, ...Object.fromEntries(named) } as Message, length };
}

class Reader {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  align(size: number): this {
    this.at = Math.ceil(this.at / size) * size;
    return this;
  }

  byte(): number {
    this.at += 1;
    return this.#bytes.readUInt8(this.at - 1);
  }

  signature(): string {
    return this.#text(this.byte());
  }

  /** A value of type `s`, `o`, `u` or `g`. */
  value(type: string): string | number {
    if (type === 'g') return this.signature();
    this.align(4);
    this.at += 4;
    const number = this.#bytes.readUInt32LE(this.at - 4);
    return type === 'u' ? number : this.#text(number);
  }

  #text(length: number): string {
    this.at += length + 1;
    return this.#bytes.toString('utf8', this.at - length - 1, this.at - 1);
  }
}
