/**
 * Lines, or frames of protobuf, that tell of events. They also stand ready as a chunk of HTTP/1.1 (RFC 9112, section 7.1), framed once for all
 * who get them: node frames each write anew, which with a hundred watchers is most of what an event costs.
 */
export class EventLines {
  /** The chunk: its size, the lines or frames, and the end of the line after them. */
  readonly chunk: Buffer;
  /** The lines or frames alone. */
  readonly bytes: Buffer;

  constructor(lines: string | Buffer) {
    const length = Buffer.byteLength(lines);
    const size = `${length.toString(16)}\r\n`;
    this.chunk =
      typeof lines === 'string'
        ? Buffer.from(`${size}${lines}\r\n`)
        : Buffer.concat([Buffer.from(size), lines, Buffer.from('\r\n')]);
    this.bytes = this.chunk.subarray(size.length, size.length + length);
  }
}
