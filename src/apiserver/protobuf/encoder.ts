import type { Definition } from '../../apimachinery/schema/index.ts';
import { BackwardWriter } from './backward-writer.ts';
import { MAGIC } from './magic.ts';
import type { MessageField, MessageTypes } from './message-types.ts';
import { isSpecial, SPECIAL_CONTENT } from './special-types.ts';

/** Writes what stands in a field: a value, or nothing where there is none. */
type WriteContent = (writer: BackwardWriter, value: unknown) => void;

/** How a value stands on the wire: 0 varint, 1 eight bytes, 2 bytes after their length. */
interface ValueForm {
  readonly wireType: 0 | 1 | 2;
  readonly write: WriteContent;
}

/**
 * Turns objects into Kubernetes' protobuf, byte for byte as gogo-proto writes them: fields in the order of their numbers,
 * maps in the order of their keys, and whatever is no pointer, list or map even when it is empty.
 */
export class ProtobufEncoder {
  readonly #types: MessageTypes;
  readonly #messages = new Map<string, WriteContent>();
  readonly #writer = new BackwardWriter();

  constructor(types: MessageTypes) {
    this.#types = types;
  }

  /** An object within its envelope: `type` is its definition, `apiVersion` and `kind` what the envelope says. */
  encode(type: string, apiVersion: string, kind: string, object: unknown): Buffer {
    const writer = this.#writer;
    // Encoding and type of what is within, empty for protobuf (fields 3 and 4).
    text(writer, 4, '');
    text(writer, 3, '');
    within(writer, 2, () => this.#message(type)(writer, object));
    within(writer, 1, () => {
      text(writer, 2, kind);
      text(writer, 1, apiVersion);
    });
    writer.raw(MAGIC);
    return writer.finish();
  }

  /** A WatchEvent (type 1, object 2) after its length in four bytes, as watches in protobuf are framed. */
  frame(type: string, object: Uint8Array): Buffer {
    const writer = this.#writer;
    within(writer, 2, () => within(writer, 1, () => writer.raw(object)));
    text(writer, 1, type);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(writer.length);
    writer.raw(size);
    return writer.finish();
  }

  #message(id: string): WriteContent {
    let write = this.#messages.get(id);
    if (write === undefined) {
      write = this.#compile(id);
      this.#messages.set(id, write);
    }
    return write;
  }

  #compile(id: string): WriteContent {
    const parts: WriteContent[] = [];
    const embedded = new Map<number, WriteContent[]>();
    for (const field of this.#types.fieldsOf(id)) {
      const write = this.#field(field);
      if (field.within === undefined) {
        parts.push(write);
        continue;
      }
      let inner = embedded.get(field.within);
      if (inner === undefined) {
        inner = [];
        embedded.set(field.within, inner);
        const { within: number } = field;
        const members = inner;
        parts.push((writer, object) => within(writer, number, () => backward(members, writer, object)));
      }
      inner.push(write);
    }
    return (writer, object) => backward(parts, writer, object ?? {});
  }

  #field({ name, number, definition, pointer }: MessageField): WriteContent {
    if (definition.type === 'array') {
      const write = this.#tagged(number, definition.items ?? {});
      return (writer, object) => {
        const list = member(object, name) as readonly unknown[] | undefined;
        if (list !== undefined) for (let at = list.length - 1; at >= 0; at--) write(writer, list[at]);
      };
    }
    if (definition.type === 'object' && definition.additionalProperties !== undefined) {
      const write = this.#entry(number, definition.additionalProperties);
      return (writer, object) => {
        const map = member(object, name) as Readonly<Record<string, unknown>> | undefined;
        if (map === undefined) return;
        for (const key of Object.keys(map).sort().reverse()) write(writer, key, map[key]);
      };
    }
    const write = this.#tagged(number, definition);
    const optional = pointer || definition.format === 'byte';
    return (writer, object) => {
      const value = member(object, name);
      if (value !== undefined || !optional) write(writer, value);
    };
  }

  /** A pair of a map: a message of key and value. */
  #entry(
    number: number,
    definition: Definition,
  ): (writer: BackwardWriter, key: string, value: unknown) => void {
    const write = this.#tagged(2, definition);
    return (writer, key, value) =>
      within(writer, number, () => {
        write(writer, value ?? undefined);
        text(writer, 1, key);
      });
  }

  #tagged(number: number, definition: Definition): WriteContent {
    const { wireType, write } = this.#form(definition);
    const tag = number * 8 + wireType;
    return (writer, value) => {
      const end = writer.length;
      write(writer, value ?? undefined);
      if (wireType === 2) writer.varint(writer.length - end);
      writer.varint(tag);
    };
  }

  #form({ $ref: reference, type, format, items }: Definition): ValueForm {
    if (reference !== undefined) {
      const id = reference.slice(reference.lastIndexOf('/') + 1);
      if (isSpecial(id)) return { wireType: 2, write: SPECIAL_CONTENT[id] };
      return { wireType: 2, write: (writer, value) => this.#message(id)(writer, value) };
    }
    switch (type) {
      case 'boolean':
        return { wireType: 0, write: (writer, value) => writer.varint(value === true ? 1 : 0) };
      case 'integer':
        return { wireType: 0, write: (writer, value) => writer.varint((value as number | bigint) ?? 0) };
      case 'number':
        return { wireType: 1, write: (writer, value) => writer.double(Number(value ?? 0)) };
      case 'array':
        // A list as the value of a map is a message of its own, with the items in field 1 (ExtraValue).
        return { wireType: 2, write: this.#list(items ?? {}) };
      default:
        return format === 'byte'
          ? {
              wireType: 2,
              write: (writer, value) =>
                writer.raw(Buffer.from((value as string | undefined) ?? '', 'base64')),
            }
          : { wireType: 2, write: (writer, value) => writer.text((value as string | undefined) ?? '') };
    }
  }

  #list(items: Definition): WriteContent {
    const write = this.#tagged(1, items);
    return (writer, value) => {
      const list = (value ?? []) as readonly unknown[];
      for (let at = list.length - 1; at >= 0; at--) write(writer, list[at]);
    };
  }
}

function backward(parts: readonly WriteContent[], writer: BackwardWriter, object: unknown): void {
  for (let at = parts.length - 1; at >= 0; at--) parts[at]?.(writer, object);
}

/** A member that is there; null is as good as none. */
function member(object: unknown, name: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[name] ?? undefined;
}

function within(writer: BackwardWriter, number: number, fill: () => void): void {
  const end = writer.length;
  fill();
  writer.varint(writer.length - end);
  writer.varint(number * 8 + 2);
}

function text(writer: BackwardWriter, number: number, value: string): void {
  within(writer, number, () => writer.text(value));
}
