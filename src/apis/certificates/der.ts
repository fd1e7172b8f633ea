/** Reads DER (X.690) by the form that it should have, as Go's encoding/asn1 reads it and with its complaints. Pure. */

import { isUtf8 } from 'node:buffer';

/** What is not well-formed, in Go's words. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** What is expected, by the name of Go's type, which complaints mention. `optional`: it may be missing. */
export interface DerForm {
  readonly kind:
    | 'any'
    | 'bits'
    | 'boolean'
    | 'integer'
    | 'list'
    | 'object identifier'
    | 'octets'
    | 'raw'
    | 'sequence';
  readonly type: string;
  readonly optional?: true;
  /** Of a sequence its parts, of a list the one form of them all. */
  readonly parts?: readonly DerForm[];
  /** A list without order. */
  readonly isSet?: true;
  /** A list that is marked by this number within its sequence instead of by what it is. */
  readonly context?: number;
}

/** One element of a DER encoding, taken apart. */
export interface DerElement {
  /** The element with its head. */
  readonly whole: Buffer;
  readonly content: Buffer;
  /** Class and number of its tag: `0x30` of a sequence. */
  readonly tag: number;
  /** In the order of the form's; one that is missing is empty. */
  readonly parts: readonly DerElement[];
}

interface Head {
  readonly tagClass: number;
  readonly tag: number;
  readonly length: number;
  readonly isCompound: boolean;
  /** Where the content begins. */
  readonly end: number;
}

/** Number of each kind's tag. */
const TAGS = {
  boolean: 1,
  integer: 2,
  bits: 3,
  octets: 4,
  'object identifier': 6,
  sequence: 16,
  list: 16,
} as const;
const SET_TAG = 17;
const CONTEXT_CLASS = 2;
/** Longest content whose length Go reads. */
const LENGTH_MAX = 2 ** 23;
const MISSING: DerElement = { whole: Buffer.alloc(0), content: Buffer.alloc(0), tag: 0, parts: [] };

const syntax = (what: string): DerError => new DerError(`asn1: syntax error: ${what}`);
const structure = (what: string): DerError => new DerError(`asn1: structure error: ${what}`);

/** The element at the beginning of those bytes, and how long it is. @throws {DerError} */
export function readDer(
  bytes: Buffer,
  form: DerForm,
): { readonly element: DerElement; readonly end: number } {
  return readAt(bytes, 0, form);
}

function readAt(
  bytes: Buffer,
  at: number,
  form: DerForm,
): { readonly element: DerElement; readonly end: number } {
  const { kind, optional = false, type, parts = [] } = form;
  if (at === bytes.length) {
    if (optional) return { element: MISSING, end: at };
    throw syntax('sequence truncated');
  }
  const head = headAt(bytes, at);
  if (kind !== 'any' && kind !== 'raw' && !matches(head, form)) {
    if (optional) return { element: MISSING, end: at };
    const { tagClass, tag, length, isCompound } = head;
    const found = `{class:${tagClass} tag:${tag} length:${length} isCompound:${isCompound}}`;
    const asked = `{optional:${optional} explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}`;
    throw structure(`tags don't match (${tagOf(form)} vs ${found}) ${asked} ${type} @${head.end}`);
  }
  const end = head.end + head.length;
  if (end > bytes.length) throw syntax('data truncated');
  const content = bytes.subarray(head.end, end);
  const element = { whole: bytes.subarray(at, end), content, tag: bytes[at] ?? 0 };
  return { element: { ...element, parts: partsOf(kind, content, parts, head) }, end };
}

function partsOf(
  kind: DerForm['kind'],
  content: Buffer,
  forms: readonly DerForm[],
  head: Head,
): readonly DerElement[] {
  if (kind === 'sequence') return sequence(content, forms);
  const [each] = forms;
  if (kind === 'list' && each !== undefined) return list(content, each);
  checkContent(kind === 'any' ? anyKind(head) : kind, content);
  if (kind === 'any') checkText(head, content);
  return [];
}

/** What follows the parts of a sequence is let pass. */
function sequence(content: Buffer, forms: readonly DerForm[]): readonly DerElement[] {
  let at = 0;
  return forms.map((form) => {
    const { element, end } = readAt(content, at, form);
    at = end;
    return element;
  });
}

/** Looks at all heads before it looks into any. */
function list(content: Buffer, form: DerForm): readonly DerElement[] {
  for (let at = 0; at < content.length; ) {
    const head = headAt(content, at);
    if (form.kind !== 'raw' && !matches(head, form)) throw structure('sequence tag mismatch');
    at = head.end + head.length;
    if (at > content.length) throw syntax('truncated sequence');
  }
  const found: DerElement[] = [];
  for (let at = 0; at < content.length; ) {
    const { element, end } = readAt(content, at, form);
    found.push(element);
    at = end;
  }
  return found;
}

function tagOf({ kind, isSet, context }: DerForm): number {
  if (context !== undefined) return context;
  return isSet === true ? SET_TAG : TAGS[kind as keyof typeof TAGS];
}

function matches({ tagClass, tag, isCompound }: Head, form: DerForm): boolean {
  const isCompoundKind = form.kind === 'sequence' || form.kind === 'list';
  const wantedClass = form.context === undefined ? 0 : CONTEXT_CLASS;
  return tagClass === wantedClass && tag === tagOf(form) && isCompound === isCompoundKind;
}

/** Texts, and which characters each may have. */
const TEXTS: ReadonlyMap<number, readonly [string, RegExp]> = new Map([
  [19, ['PrintableString', /^[A-Za-z0-9 '()+,\-./:=?*&]*$/]],
  [22, ['IA5String', /^[^\x80-\xff]*$/]],
]);
const UTF8_TAG = 12;

function checkText({ tagClass, tag, isCompound }: Head, content: Buffer): void {
  if (tagClass !== 0 || isCompound) return;
  if (tag === UTF8_TAG && !isUtf8(content)) throw new DerError('asn1: invalid UTF-8 string');
  const [name, allowed] = TEXTS.get(tag) ?? [];
  if (allowed?.test(content.toString('latin1')) === false) throw syntax(`${name} contains invalid character`);
}

/** What the content of an element of any kind has to look like. */
function anyKind({ tagClass, tag, isCompound }: Head): DerForm['kind'] {
  if (tagClass !== 0 || isCompound) return 'raw';
  const found = (['boolean', 'integer', 'bits', 'object identifier'] as const).find(
    (kind) => TAGS[kind] === tag,
  );
  return found ?? 'raw';
}

function checkContent(kind: DerForm['kind'], content: Buffer): void {
  const [first = 0, second = 0] = content;
  if (kind === 'boolean') {
    if (content.length !== 1 || (first !== 0 && first !== 0xff)) throw syntax('invalid boolean');
  } else if (kind === 'integer') {
    if (content.length === 0) throw structure('empty integer');
    const isLong = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
    if (content.length > 1 && isLong) throw structure('integer not minimally-encoded');
    if (content.length > 8) throw structure('integer too large');
  } else if (kind === 'bits') {
    if (content.length === 0) throw syntax('zero length BIT STRING');
    const mask = (1 << first) - 1;
    const isPadded = content.length === 1 ? first > 0 : ((content.at(-1) ?? 0) & mask) !== 0;
    if (first > 7 || isPadded) throw syntax('invalid padding bits in BIT STRING');
  } else if (kind === 'object identifier') {
    if (content.length === 0) throw syntax('zero length OBJECT IDENTIFIER');
    for (let at = 0; at < content.length; ) at = base128(content, at).end;
  }
}

/** A number in groups of seven bits, the last without the eighth. */
function base128(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = from; at < bytes.length; at++) {
    if (at - from === 5) throw structure('base 128 integer too large');
    const byte = bytes[at] ?? 0;
    if (at === from && byte === 0x80) throw syntax('integer is not minimally encoded');
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (value > 2 ** 31 - 1) throw structure('base 128 integer too large');
    return { value, end: at + 1 };
  }
  throw syntax('truncated base 128 integer');
}

function headAt(bytes: Buffer, from: number): Head {
  const first = bytes[from] ?? 0;
  let at = from + 1;
  let tag = first & 0x1f;
  if (tag === 0x1f) {
    const long = base128(bytes, at);
    if (long.value < 0x1f) throw syntax('non-minimal tag');
    [tag, at] = [long.value, long.end];
  }
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw syntax('truncated tag or length');
    return byte;
  };
  const short = next();
  let length = short & 0x7f;
  if (short >= 0x80) {
    const count = length;
    if (count === 0) throw syntax('indefinite length found (not DER)');
    length = 0;
    for (let read = 0; read < count; read++) {
      const byte = next();
      if (length >= LENGTH_MAX) throw structure('length too large');
      length = length * 256 + byte;
      if (length === 0) throw structure('superfluous leading zeros in length');
    }
    if (length < 0x80) throw structure('non-minimal length');
  }
  return { tagClass: first >> 6, tag, length, isCompound: (first & 0x20) !== 0, end: at };
}

/** An object identifier in dotted form. */
export function oidOf(content: Buffer): string {
  const parts: number[] = [];
  for (let at = 0; at < content.length; ) {
    const { value, end } = base128(content, at);
    if (parts.length === 0) {
      const root = Math.min(2, Math.floor(value / 40));
      parts.push(root, value - root * 40);
    } else parts.push(value);
    at = end;
  }
  return parts.join('.');
}
