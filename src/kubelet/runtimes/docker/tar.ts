/** Writes an archive of one file. Source: POSIX.1-2017, ustar interchange format. */

const BLOCK_BYTES = 512;

/** The archive, with its two blocks of zeros at the end; the file may be read and executed by everybody. */
export function tarOf(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  const put = (at: number, text: string): void => void head.write(text, at, 'latin1');
  put(0, name);
  put(100, octal(0o755, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(content.length, 11));
  put(136, octal(0, 11));
  put(156, '0');
  put(257, 'ustar\u000000');
  // The sum is made as if its own place held spaces.
  head.fill(' ', 148, 156);
  put(
    148,
    `${octal(
      head.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\u0000 `,
  );
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return Buffer.concat([head, content, padding, Buffer.alloc(2 * BLOCK_BYTES)]);
}
