import { invariant } from '../../apimachinery/invariant.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** Writes a JSON value into the field of that number. */
export type FieldWriter = (writer: ProtobufWriter, number: number, value: unknown) => void;

/** How a JSON object lies in a message: its members by name, and where members named `x-…` go. */
export interface Layout {
  readonly fields: Readonly<Record<string, readonly [number: number, write: FieldWriter]>>;
  readonly extensions?: number;
}

/** Writes a string. */
export const text: FieldWriter = (writer, number, value) => {
  invariant(typeof value === 'string', `field ${number} of an OpenAPI message is no text`);
  writer.text(number, value);
};

/** Writes a boolean. */
export const flag: FieldWriter = (writer, number, value) => {
  invariant(typeof value === 'boolean', `field ${number} of an OpenAPI message is no boolean`);
  writer.boolean(number, value);
};

/** Writes any value: gnostic keeps it as YAML, of which JSON is a part. */
export const any: FieldWriter = (writer, number, value) => {
  writer.message(number, (inner) => inner.text(2, JSON.stringify(value)));
};

/** Writes a JSON array as a repeated field. */
export function list(member: FieldWriter): FieldWriter {
  return (writer, number, value) => {
    invariant(Array.isArray(value), `field ${number} of an OpenAPI message is no list`);
    for (const each of value) member(writer, number, each);
  };
}

/** Writes a JSON object as a repeated message of a name (1) and a value (2): protobuf's maps have no order, these do. */
export function named(member: FieldWriter): FieldWriter {
  return (writer, number, value) => {
    for (const [name, each] of Object.entries(objectIn(number, value))) {
      writer.message(number, (inner) => {
        inner.text(1, name);
        member(inner, 2, each);
      });
    }
  };
}

/** A message that holds the value alone, in its field `inside`: gnostic's wrappers of maps, lists and choices. */
export function within(inside: number, member: FieldWriter): FieldWriter {
  return (writer, number, value) => writer.message(number, (inner) => member(inner, inside, value));
}

/** A JSON object as a message of that layout. A member that the layout doesn't know is a mistake of ours. */
export function message(layout: () => Layout): FieldWriter {
  return (writer, number, value) => writer.message(number, (inner) => writeMembers(inner, layout(), value));
}

/** Writes the members of a JSON object into the message. */
export function writeMembers(writer: ProtobufWriter, { fields, extensions }: Layout, value: unknown): void {
  for (const [name, member] of Object.entries(objectIn(0, value))) {
    const field = fields[name];
    if (field !== undefined) field[1](writer, field[0], member);
    else {
      invariant(
        extensions !== undefined && name.startsWith('x-'),
        `OpenAPI messages have no place for ${name}`,
      );
      named(any)(writer, extensions, { [name]: member });
    }
  }
}

function objectIn(number: number, value: unknown): object {
  invariant(
    typeof value === 'object' && value !== null,
    `field ${number} of an OpenAPI message is no object`,
  );
  return value;
}
