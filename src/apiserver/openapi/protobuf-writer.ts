/** Writes one protobuf message, field by field (protobuf.dev/programming-guides/encoding). */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** A text. As in proto3 an empty one is not written: a reader takes its absence for it. */
  text(field: number, value: string): void {
    if (value !== '') this.#delimited(field, Buffer.from(value));
  }

  /** A boolean. As in proto3 `false` is not written, unless it is one choice of several and so must be seen. */
  boolean(field: number, value: boolean, always = false): void {
    if (value || always) this.#append(Uint8Array.from([...varint(field * 8), value ? 1 : 0]));
  }

  /** A message within this one, there even when nothing is in it. */
  message(field: number, fill: (inner: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    fill(inner);
    this.#delimited(field, inner.finish());
  }

  /** The bytes of the message so far. */
  finish(): Uint8Array {
    return Buffer.concat(this.#chunks, this.#length);
  }

  #delimited(field: number, bytes: Uint8Array): void {
    this.#append(Uint8Array.from([...varint(field * 8 + 2), ...varint(bytes.length)]));
    this.#append(bytes);
  }

  #append(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}
