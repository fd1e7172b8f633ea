import { newBadRequest } from '../status-error.ts';

/** One condition of a field selector. */
export interface FieldRequirement {
  /** Dotted path such as `metadata.name`; which ones are known is the kind's matter. */
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A set of conditions on fields; immutable. */
export class FieldMatcher {
  readonly requirements: readonly FieldRequirement[];

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements;
  }

  /** Whether the fields that `read` answers meet every condition. An unset field reads as the empty text. */
  matches(read: (field: string) => string): boolean {
    for (const { field, operator, value } of this.requirements) {
      if ((read(field) === value) !== (operator === '=')) return false;
    }
    return true;
  }

  isEmpty(): boolean {
    return this.requirements.length === 0;
  }

  /** The one value that a field must have, when the selector demands one. */
  exactValue(field: string): string | undefined {
    return this.requirements.find((each) => each.operator === '=' && each.field === field)?.value;
  }

  /** The selector in the syntax that {@link parseFieldSelector} reads. */
  toString(): string {
    return this.requirements
      .map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`)
      .join(',');
  }
}

/**
 * Parses a field selector (`metadata.name=a,status.phase!=Failed`), as the parameter `fieldSelector` carries it. In values
 * `,`, `=` and `\` are escaped by a backslash. Throws 400 worded as upstream.
 */
export function parseFieldSelector(text: string): FieldMatcher {
  const requirements: FieldRequirement[] = [];
  for (const term of terms(text).sort()) {
    if (term === '') continue;
    const found = /!=|==|=/.exec(term);
    if (found === null) throw newBadRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    requirements.push({
      field: term.slice(0, found.index),
      operator: found[0] === '!=' ? '!=' : '=',
      value: unescaped(term.slice(found.index + found[0].length)),
    });
  }
  // Upstream takes a single "=" for no condition at all.
  const [only] = requirements;
  const isNothing =
    requirements.length === 1 && only?.field === '' && only.operator === '=' && only.value === '';
  return new FieldMatcher(isNothing ? [] : requirements);
}

/** A value as it stands in a field selector. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

function terms(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ',') {
      found.push(text.slice(start, at));
      start = at + 1;
    }
  }
  found.push(text.slice(start));
  return found;
}

function unescaped(text: string): string {
  let value = '';
  let escaping = false;
  for (const letter of text) {
    if (escaping) {
      if (letter !== '\\' && letter !== ',' && letter !== '=') {
        throw newBadRequest(`invalid field selector: invalid escape sequence: \\${letter}`);
      }
      value += letter;
      escaping = false;
    } else if (letter === '\\') escaping = true;
    else if (letter === ',' || letter === '=') {
      throw newBadRequest(`invalid field selector: unescaped character in value: ${letter.charCodeAt(0)}`);
    } else value += letter;
  }
  if (escaping) throw newBadRequest('invalid field selector: invalid escape sequence: \\');
  return value;
}
