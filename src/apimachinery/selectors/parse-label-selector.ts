import { invalid } from '../field-error.ts';
import { newBadRequest } from '../status-error.ts';
import { validateQualifiedName } from '../validation/names.ts';
import { aggregated, EVERYTHING, LabelMatcher } from './label-selector.ts';
import { type LabelOperator, type LabelRequirement, requirementErrors } from './requirement.ts';

type TokenType =
  | 'identifier'
  | 'end'
  | 'error'
  | 'in'
  | 'notin'
  | '('
  | ')'
  | ','
  | '!'
  | '='
  | '=='
  | '!='
  | '>'
  | '<';

interface Token {
  readonly type: TokenType;
  readonly text: string;
}

const BINARY: ReadonlyMap<TokenType, LabelOperator> = new Map([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);
const BINARY_SHOWN = 'in, notin, =, ==, !=, gt, lt';
const SYMBOLS: ReadonlySet<string> = new Set(['(', ')', ',', '!', '=', '==', '!=', '>', '<']);

/**
 * Parses a label selector (`a=1,b in (x,y),!c,d>5`), as the parameter `labelSelector` carries it. Throws 400 worded as
 * upstream. The grammar is that of labels.Parse: a value may be empty, keys may be repeated, `in` and `notin` are words
 * only where an operator is expected.
 */
export function parseLabelSelector(text: string): LabelMatcher {
  if (text === '') return EVERYTHING;
  return new LabelMatcher(new Parser(scan(text)).requirements());
}

/** Cuts a text into tokens. Runs of symbols are cut at the longest symbol known. */
function scan(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  // A zero byte ends the text, as it does upstream.
  const end = text.includes('\0') ? text.indexOf('\0') : text.length;
  while (at < end) {
    const letter = text[at] ?? '';
    if (/[ \t\r\n]/.test(letter)) {
      at++;
      continue;
    }
    if (/[=!(),<>]/.test(letter)) {
      const two = text.slice(at, at + 2);
      const symbol = SYMBOLS.has(two) ? two : letter;
      tokens.push({ type: symbol as TokenType, text: symbol });
      at += symbol.length;
      continue;
    }
    const start = at;
    while (at < end && !/[ \t\r\n=!(),<>]/.test(text[at] ?? '')) at++;
    const word = text.slice(start, at);
    tokens.push({ type: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
  }
  tokens.push({ type: 'end', text: '' });
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  requirements(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const next = this.#peek();
      if (next.type === 'end') return requirements;
      if (next.type !== 'identifier' && next.type !== '!') {
        throw newBadRequest(`found '${next.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const separator = this.#take();
      if (separator.type === 'end') return requirements;
      if (separator.type !== ',') {
        throw newBadRequest(`found '${separator.text}', expected: ',' or 'end of string'`);
      }
      const following = this.#peek();
      if (following.type !== 'identifier' && following.type !== '!') {
        throw newBadRequest(`found '${following.text}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): LabelRequirement {
    let token = this.#take();
    const negated = token.type === '!';
    if (negated) token = this.#take();
    if (token.type !== 'identifier') refuse(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const wrongs = validateQualifiedName(key);
    if (wrongs.length > 0) refuse(invalid('<nil>', key, wrongs.join('; ')).toString());
    const next = this.#peek();
    if (negated) return checked({ key, operator: '!', values: [] });
    if (next.type === 'end' || next.type === ',') return checked({ key, operator: 'exists', values: [] });
    const word = this.#takeOperator();
    const operator = BINARY.get(word.type);
    if (operator === undefined) return refuse(`found '${word.text}', expected: ${BINARY_SHOWN}`);
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()];
    return checked({ key, operator, values });
  }

  #values(): string[] {
    const open = this.#take();
    if (open.type !== '(') refuse(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.type === ')') {
      this.#take();
      return [''];
    }
    if (first.type !== 'identifier' && first.type !== ',') {
      refuse(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = this.#identifiers();
    if (this.#take().type !== ')') refuse(`found '${first.text}', expected: ')'`);
    return [...values].sort();
  }

  #identifiers(): Set<string> {
    const values = new Set<string>();
    for (;;) {
      const token = this.#take();
      if (token.type === 'identifier') {
        values.add(token.text);
        const next = this.#peek();
        if (next.type === ')') return values;
        if (next.type !== ',') refuse(`found '${next.text}', expected: ',' or ')'`);
      } else if (token.type === ',') {
        if (values.size === 0) values.add('');
        const next = this.#peek();
        if (next.type === ')' || next.type === ',') values.add('');
        if (next.type === ')') return values;
      } else refuse(`found '${token.text}', expected: ',', or identifier`);
    }
  }

  #exactValue(): string {
    const next = this.#peek();
    if (next.type === 'end' || next.type === ',') return '';
    const token = this.#take();
    if (token.type !== 'identifier') refuse(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  /** The next token where a key or a value is expected: `in` and `notin` are plain words there. */
  #peek(): Token {
    const token = this.#tokens[this.#at] ?? END;
    return token.type === 'in' || token.type === 'notin' ? { type: 'identifier', text: token.text } : token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #takeOperator(): Token {
    return this.#tokens[this.#at++] ?? END;
  }
}

const END: Token = { type: 'end', text: '' };

function checked(requirement: LabelRequirement): LabelRequirement {
  const errors = requirementErrors(requirement);
  if (errors.length > 0) refuse(aggregated(errors.map(String)));
  return requirement;
}

function refuse(why: string): never {
  throw newBadRequest(`unable to parse requirement: ${why}`);
}
