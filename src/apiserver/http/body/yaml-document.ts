/**
 * Reads the first document of a YAML text into what its JSON would say, as Kubernetes does with a body (sigs.k8s.io/yaml):
 * keys become texts, aliases are expanded within a limit, later documents are passed over. The library gives the events of
 * the text; what they mean is said here.
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { goQuote } from '../../../apimachinery/go-text.ts';
import { isJsonObject, type JsonObject, setMember } from '../../../apimachinery/json.ts';
import { plainScalar } from './yaml-scalar.ts';

/** Lists and maps inside each other that a body may have: far more than any kind has, and what the stack bears. */
const DEPTH_MAX = 1000;

/** A text that is no YAML, or YAML that no JSON can say. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
}

/** A list or map that is being read. */
interface Frame {
  readonly container: unknown[] | JsonObject;
  readonly anchor: string | undefined;
  readonly start: number;
  /** Nodes read before this one. */
  readonly nodesBefore: number;
  /** Of a map: the key whose value comes next. */
  key: string | typeof MERGE | undefined;
  /** The key as it was read, `true` for `yes`. */
  read?: unknown;
}

interface Anchored {
  readonly value: unknown;
  /** Nodes that it holds, aliases expanded. */
  readonly nodes: number;
}

/** The key `<<`, whose value's members become the map's own. */
const MERGE = Symbol('<<');

/** The first document of a text. */
export interface YamlDocument {
  /** Null for an empty text. */
  readonly value: unknown;
  /** What upstream's library says of keys that stand twice; undefined when none does. */
  readonly twice: string | undefined;
}

/** Keys that are told to stand twice: as many findings as Kubernetes' decoder reports. */
const TWICE_MAX = 100;

/** Reads the first document. Throws {@link YamlError}. */
export function readYaml(text: string): YamlDocument {
  let events: readonly Event[];
  try {
    events = parseEvents(text, { maxDepth: DEPTH_MAX });
  } catch (error) {
    if (!(error instanceof YAMLException) || error.mark === undefined) throw error;
    throw new YamlError(goYamlError(text, error.reason, error.mark), { cause: error });
  }
  return new DocumentReader(text).read(events);
}

/** The commonest complaints of this library that are Go's scanner's, in its words. */
const GO_REASONS: Readonly<Record<string, string>> = {
  'unexpected end of the stream within a double quoted scalar': 'found unexpected end of stream',
  'unexpected end of the stream within a single quoted scalar': 'found unexpected end of stream',
  'tab characters must not be used in indentation': 'found character that cannot start any token',
};

/** A complaint as Go's library words it, as far as the two draw the same line; it does not name the first line. */
function goYamlError(
  text: string,
  reason: string,
  { line, position }: { readonly line: number; readonly position: number },
): string {
  const parsed = goParserError(text, reason, line, position);
  if (parsed !== undefined) return parsed;
  const isEntry = reason === 'bad indentation of a mapping entry';
  const isValue = isEntry && text[position] === ':';
  const isReserved = isEntry && (text[position] === '@' || text[position] === '`');
  const strange = isReserved ? 'found character that cannot start any token' : GO_REASONS[reason];
  const words = isValue ? 'mapping values are not allowed in this context' : strange;
  if (words === undefined) return `yaml: line ${line + 1}: ${reason}`;
  return line === 0 ? `yaml: ${words}` : `yaml: line ${line + 1}: ${words}`;
}

/**
 * The complaint where it is Go's parser's and not its scanner's: it counts lines from nought, and does not name the first.
 * Example: `- a` above `b: c` is "line 1: did not find expected '-' indicator".
 */
function goParserError(text: string, reason: string, line: number, position: number): string | undefined {
  const at = (where: number, words: string): string =>
    where === 0 ? `yaml: ${words}` : `yaml: line ${where}: ${words}`;
  switch (reason) {
    case 'unexpected end of the stream within a flow collection': {
      const { length } = text.split('\n');
      // After what opens or separates, the parser wants something that could stand there; after a value, its end.
      const words = /[[{,:]\s*$/.test(text)
        ? 'did not find expected node content'
        : `did not find expected ',' or '${closing(text)}'`;
      return at(text.endsWith('\n') ? length - 1 : length, words);
    }
    case 'end of the stream or a document separator is expected': {
      const isEntry = text.startsWith('- ', position);
      return at(line, isEntry ? 'did not find expected key' : "did not find expected '-' indicator");
    }
    case "expected ':' after a mapping key":
      // The scanner's, which sees it when it has come to the next line, and counts from one.
      return at(line + 2, "could not find expected ':'");
    case 'bad indentation of a mapping entry':
      // A key that is neither as deep as the map before it nor as shallow as any map around it.
      return /^[\w./-]+\s*:/.test(text.slice(position)) ? at(line, 'did not find expected key') : undefined;
    default:
      return undefined;
  }
}

/** What would close the innermost list or map in brackets that a text leaves open; texts in quotes are passed over. */
function closing(text: string): string {
  const open: string[] = [];
  for (const [each] of text.matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|[[\]{}]/gs)) {
    if (each === '[') open.push(']');
    else if (each === '{') open.push('}');
    else if (each === ']' || each === '}') open.pop();
  }
  return open.at(-1) ?? '}';
}

/** What is known of a node besides its value: where it begins. */
interface Placed {
  readonly start: number;
}

class DocumentReader {
  readonly #text: string;
  readonly #open: Frame[] = [];
  readonly #anchored = new Map<string, Anchored>();
  /** Anchors of lists and maps that are still being read. */
  readonly #unfinished = new Set<string>();
  readonly #twice: string[] = [];
  #nodes = 0;
  #nodesOfAliases = 0;
  #root: unknown = null;

  constructor(text: string) {
    this.#text = text;
  }

  read(events: readonly Event[]): YamlDocument {
    let documents = 0;
    for (const event of events) {
      if (event.type === EVENT_ID.DOCUMENT) {
        documents++;
        if (documents > 1) break;
      } else this.#read(event);
    }
    const twice =
      this.#twice.length === 0 ? undefined : ['yaml: unmarshal errors:', ...this.#twice].join('\n  ');
    return { value: this.#root, twice };
  }

  #read(event: Exclude<Event, { type: typeof EVENT_ID.DOCUMENT }>): void {
    if (event.type === EVENT_ID.SEQUENCE) this.#begin([], event);
    else if (event.type === EVENT_ID.MAPPING) this.#begin({}, event);
    else if (event.type === EVENT_ID.SCALAR) this.#scalar(event);
    else if (event.type === EVENT_ID.ALIAS) this.#alias(event);
    else this.#end();
  }

  #begin(
    container: unknown[] | JsonObject,
    event: { readonly start: number; readonly anchorStart: number; readonly anchorEnd: number },
  ): void {
    const anchor = this.#anchorOf(event);
    if (anchor !== undefined) {
      this.#unfinished.add(anchor);
      this.#anchored.delete(anchor);
    }
    this.#open.push({ container, anchor, start: event.start, nodesBefore: this.#nodes, key: undefined });
    this.#nodes++;
  }

  #end(): void {
    const frame = this.#open.pop();
    // The end of the document itself.
    if (frame === undefined) return;
    const { anchor, container, nodesBefore, start } = frame;
    if (anchor !== undefined) {
      this.#unfinished.delete(anchor);
      this.#anchored.set(anchor, { value: container, nodes: this.#nodes - nodesBefore });
    }
    this.#place(container, { start });
  }

  #scalar(event: Event & { type: typeof EVENT_ID.SCALAR }): void {
    const text = getScalarValue(this.#text, event);
    const tag = event.tagStart < 0 ? '' : this.#text.slice(event.tagStart, event.tagEnd);
    const plain = event.style === SCALAR_STYLE.PLAIN && tag === '';
    const frame = this.#open.at(-1);
    this.#nodes++;
    if (plain && text === '<<' && frame !== undefined && wantsKey(frame)) {
      frame.key = MERGE;
      return;
    }
    const value = plain ? plainScalar(text) : taggedScalar(tag, text);
    const anchor = this.#anchorOf(event);
    if (anchor !== undefined) this.#anchored.set(anchor, { value, nodes: 1 });
    this.#place(value, { start: event.valueStart });
  }

  #alias(event: { readonly anchorStart: number; readonly anchorEnd: number }): void {
    const name = this.#text.slice(event.anchorStart, event.anchorEnd);
    if (this.#unfinished.has(name)) throw new YamlError(`yaml: anchor '${name}' value contains itself`);
    const target = this.#anchored.get(name);
    if (target === undefined) throw new YamlError(`yaml: unknown anchor '${name}' referenced`);
    this.#nodes += target.nodes;
    this.#nodesOfAliases += target.nodes;
    if (isExcessive(this.#nodes, this.#nodesOfAliases)) {
      throw new YamlError('yaml: document contains excessive aliasing');
    }
    this.#place(target.value, { start: event.anchorStart });
  }

  /** Puts a finished value where it belongs. */
  #place(value: unknown, { start }: Placed): void {
    const frame = this.#open.at(-1);
    if (frame === undefined) {
      this.#root = value;
      return;
    }
    const { container, key } = frame;
    if (Array.isArray(container)) container.push(finite(value));
    else if (key === undefined) {
      frame.key = keyText(value);
      frame.read = value;
    } else {
      if (key === MERGE) merge(container, value);
      else {
        if (Object.hasOwn(container, key)) this.#noteTwice(frame.read, start);
        setMember(container, key, finite(value));
      }
      frame.key = undefined;
    }
  }

  /** The library tells the line of the second value. */
  #noteTwice(key: unknown, start: number): void {
    if (this.#twice.length >= TWICE_MAX) return;
    const line = this.#text.slice(0, start).split('\n').length;
    this.#twice.push(
      `line ${line}: key ${typeof key === 'string' ? goQuote(key) : String(key)} already set in map`,
    );
  }

  #anchorOf({ anchorStart, anchorEnd }: { anchorStart: number; anchorEnd: number }): string | undefined {
    return anchorStart < 0 ? undefined : this.#text.slice(anchorStart, anchorEnd);
  }
}

const wantsKey = ({ container, key }: Frame): boolean => !Array.isArray(container) && key === undefined;

/**
 * Whether aliases make too much of a document: upstream lets them be nearly all of a small one and a tenth of one of four
 * million nodes. Source: allowedAliasRatio in go.yaml.in/yaml/v2.
 */
function isExcessive(nodes: number, nodesOfAliases: number): boolean {
  if (nodesOfAliases <= 100 || nodes <= 1000) return false;
  const low = 400_000;
  const high = 4_000_000;
  const share = nodes <= low ? 0.99 : nodes >= high ? 0.1 : 0.99 - 0.89 * ((nodes - low) / (high - low));
  return nodesOfAliases / nodes > share;
}

function taggedScalar(tag: string, text: string): unknown {
  switch (tag) {
    case '!!binary':
      return Buffer.from(text, 'base64').toString('utf8');
    case '!!int':
    case '!!float':
    case '!!bool':
    case '!!null': {
      const value = plainScalar(text);
      if (typeOf(value) === tag || (tag === '!!float' && typeOf(value) === '!!int')) return value;
      throw new YamlError(`yaml: cannot decode ${typeOf(value)} \`${text}\` as a ${tag}`);
    }
    default:
      return text;
  }
}

function typeOf(value: unknown): string {
  if (value === null) return '!!null';
  if (typeof value === 'boolean') return '!!bool';
  if (typeof value === 'bigint' || Number.isInteger(value)) return '!!int';
  return typeof value === 'number' ? '!!float' : '!!str';
}

/** A map's key as JSON has it. */
function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean' || typeof key === 'bigint') return String(key);
  throw new YamlError(`yaml: invalid map key: ${JSON.stringify(key)}`);
}

/** Refuses the numbers that JSON does not have, as Go's encoder does. */
function finite(value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  const named = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  throw new YamlError(`json: unsupported value: ${named}`);
}

/** Gives a map the members of another, or of several, of which the first have the last word. */
function merge(into: JsonObject, from: unknown): void {
  const sources = Array.isArray(from) ? [...from].reverse() : [from];
  for (const source of sources) {
    if (!isJsonObject(source))
      throw new YamlError('yaml: map merge requires map or sequence of maps as the value');
    for (const [key, value] of Object.entries(source)) setMember(into, key, value);
  }
}
