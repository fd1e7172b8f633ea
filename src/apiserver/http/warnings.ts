/** Warnings to the client, as headers of an answer. */

/** Letters of all warnings of an answer beyond which each is cut, and no more are sent: upstream's bounds. */
const WARNING_LETTERS_MAX = 4 * 1024;
/** Letters of one warning when they are cut. */
const CUT_WARNING_LETTERS = 256;

/** The values of `Warning` headers for those texts, in their order; cut when they are more than headers should hold. */
export function warningValues(texts: readonly string[]): readonly string[] {
  let letters = 0;
  for (const text of texts) letters += text.length;
  if (letters <= WARNING_LETTERS_MAX) return texts.map(warningValue);
  const values: string[] = [];
  letters = 0;
  for (const text of texts) {
    if (letters >= WARNING_LETTERS_MAX) break;
    const cut = Array.from(text.slice(0, 2 * CUT_WARNING_LETTERS))
      .slice(0, CUT_WARNING_LETTERS)
      .join('');
    letters += cut.length;
    values.push(warningValue(cut));
  }
  return values;
}

/** A `Warning` header's value for a text (RFC 7234 section 5.5: code 299, no agent). */
function warningValue(text: string): string {
  return `299 - "${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/[\r\n\t]+/g, ' ')}"`;
}
