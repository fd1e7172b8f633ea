/** Bytes in JSON: standard base64 with padding (RFC 4648), read as Go's encoding/base64 reads it. */

const STRICT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Longer values are checked by decoding them, which is quicker and cannot exhaust the pattern's stack. */
const PATTERN_LENGTH_MAX = 4096;

/** Base64 as it is written, or the position of the first byte that is wrong. Line ends are skipped. */
export function canonicalBase64(text: string): string | { readonly wrongAt: number } {
  if (text.length <= PATTERN_LENGTH_MAX && STRICT.test(text)) return normalised(text);
  const wrongAt = firstWrong(text);
  return wrongAt === undefined ? normalised(text) : { wrongAt };
}

/** Clears bits behind the last whole byte, which Go ignores. */
function normalised(text: string): string {
  return Buffer.from(text, 'base64').toString('base64');
}

function firstWrong(text: string): number | undefined {
  let digits = 0;
  let at = 0;
  const isBreak = (letter: string | undefined): boolean => letter === '\n' || letter === '\r';
  for (; at < text.length; at++) {
    const letter = text.charAt(at);
    if (isBreak(letter)) continue;
    if (/[A-Za-z0-9+/]/.test(letter)) {
      digits++;
      continue;
    }
    const position = digits % 4;
    if (letter !== '=' || position < 2) return byteOffset(text, at);
    at++;
    if (position === 2) {
      while (isBreak(text[at])) at++;
      if (at === text.length) return byteOffset(text, at);
      // Go tells of the first of the two.
      if (text[at] !== '=') return byteOffset(text, at) - 1;
      at++;
    }
    while (isBreak(text[at])) at++;
    return at < text.length ? byteOffset(text, at) : undefined;
  }
  const left = digits % 4;
  // Go reports the beginning of the incomplete group.
  return left === 0 ? undefined : byteOffset(text, at - left);
}

function byteOffset(text: string, at: number): number {
  return Buffer.byteLength(text.slice(0, at));
}
