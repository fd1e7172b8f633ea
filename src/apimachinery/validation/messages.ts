/** The sentences in which Kubernetes says what is wrong with a name or number. */

/** `msg (e.g. 'a',  or 'b', regex used for validation is 're')`, odd commas included: clients see it so. */
export function regexMessage(message: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

/** A string longer than `maximum` bytes. */
export const maxLengthMessage = (maximum: number): string => `must be no more than ${maximum} bytes`;

/** The same in the words of the older rules, which count the same bytes but call them characters. */
export const maxCharactersMessage = (maximum: number): string => `must be no more than ${maximum} characters`;

/** A number outside `from` to `to`. */
export const rangeMessage = (from: number, to: number): string =>
  `must be between ${from} and ${to}, inclusive`;

/** A string that must not be empty. */
export const EMPTY = 'must be non-empty';

/** Length in bytes of UTF-8, which is what Go's `len` counts. */
export function byteLength(text: string): number {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text);
  return text.length;
}
