/** What a request for a certificate needs of DER, the binary form of ASN.1. Pure. Source: ITU-T X.690. */

/** The tags in use. */
const TAGS = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
} as const;

/** A value with its tag before it, and its length in as few bytes as will do. */
export function tagged(tag: keyof typeof TAGS | number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = content.length; left > 0; left = Math.floor(left / 256)) length.unshift(left % 256);
  const head = content.length < 0x80 ? [content.length] : [0x80 + length.length, ...length];
  return Buffer.concat([Buffer.from([typeof tag === 'number' ? tag : TAGS[tag], ...head]), content]);
}

/** `2.5.4.3` in its binary form. */
export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const number of rest) {
    const digits = [number % 128];
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift((left % 128) + 128);
    }
    bytes.push(...digits);
  }
  return tagged('objectId', Buffer.from(bytes));
}
