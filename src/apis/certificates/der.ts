/** Reads DER, as far as certificate requests need it (X.690). Pure. */

/** One element: its tag byte, its content, and itself with its head. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** What is not well-formed. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** The elements that lie one after the other in those bytes. @throws {DerError} */
export function readDer(bytes: Buffer): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { head, length } = headAt(bytes, at);
    const end = at + head + length;
    if (end > bytes.length) throw new DerError('asn1: syntax error: data truncated');
    const content = bytes.subarray(at + head, end);
    elements.push({ tag: bytes[at] ?? 0, content, whole: bytes.subarray(at, end) });
    at = end;
  }
  return elements;
}

function headAt(bytes: Buffer, at: number): { readonly head: number; readonly length: number } {
  const first = bytes[at + 1];
  if (first === undefined) throw new DerError('asn1: syntax error: truncated tag or length');
  if (first < 0x80) return { head: 2, length: first };
  const size = first & 0x7f;
  // A request of more than 2^32 bytes does not come through the API's limit, and DER knows no indefinite length.
  if (size === 0 || size > 4 || at + 2 + size > bytes.length) {
    throw new DerError('asn1: structure error: length is out of bounds');
  }
  return { head: 2 + size, length: bytes.readUIntBE(at + 2, size) };
}

/** An object identifier in dotted form. */
export function oidOf(content: Buffer): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (parts.length === 0) {
      const root = Math.min(2, Math.floor(value / 40));
      parts.push(root, value - root * 40);
    } else parts.push(value);
    value = 0;
  }
  return parts.join('.');
}
