import type { Definition, Definitions, WireFormat } from '../../apimachinery/schema/index.ts';

/** Numbers of fields by definition and field; `2.6` is field 6 of the message in field 2. */
export type FieldNumbers = Readonly<Record<string, Readonly<Record<string, number | string>>>>;

/** What messages are made of: the kinds' definitions, how Go writes their fields, and the fields' numbers. */
export interface MessageFacts {
  readonly definitions: Definitions;
  readonly wire: WireFormat;
  readonly numbers: FieldNumbers;
}

/** One field of a message. */
export interface MessageField {
  readonly name: string;
  readonly number: number;
  /** The field whose message this one lies in, for Go's embedded structs, which JSON shows flat. */
  readonly within: number | undefined;
  readonly definition: Definition;
  /** Whether Go has a pointer here, which is absent when nil; what is no pointer, list or map is always on the wire. */
  readonly pointer: boolean;
}

/** The message types of a server: what reading and writing share. */
export class MessageTypes {
  readonly #facts: readonly MessageFacts[];

  /** @param facts asked in this order for each definition. */
  constructor(...facts: readonly MessageFacts[]) {
    this.#facts = facts;
  }

  /** Whether there is a message type of that name. */
  has(id: string): boolean {
    return this.#facts.some(({ numbers }) => Object.hasOwn(numbers, id));
  }

  /** The fields of a message type, by number; none for an unknown type. */
  fieldsOf(id: string): readonly MessageField[] {
    const facts = this.#facts.find(({ numbers }) => Object.hasOwn(numbers, id));
    if (facts === undefined) return [];
    const { properties = {} } = facts.definitions[id] ?? {};
    const wire = facts.wire[id] ?? {};
    const fields = Object.entries(facts.numbers[id] ?? {}).map(([name, place]): MessageField => {
      const [first = 0, second] = String(place).split('.').map(Number);
      return {
        name,
        number: second ?? first,
        within: second === undefined ? undefined : first,
        definition: properties[name] ?? {},
        pointer: /^p/i.test(wire[name] ?? ''),
      };
    });
    return fields.sort((a, b) => place(a) - place(b) || a.number - b.number);
  }
}

function place({ within, number }: MessageField): number {
  return within ?? number;
}
