/** Errors about one field of an object, worded as k8s.io/apimachinery/pkg/util/validation/field words them. */

import { goJson, goQuote } from './go-text.ts';

/** The machine-readable reason of a field error (metav1.CauseType). */
export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueDuplicate'
  | 'FieldValueNotFound'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

const HEADLINES: Readonly<Record<FieldErrorType, string>> = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueNotFound: 'Not found',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

/** Types whose message does not repeat the value. */
const WITHOUT_VALUE: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
]);

/** As the value of an error whose message leaves the value out, because it would tell nothing. */
export const OMITTED: unique symbol = Symbol('omitted');

/** One broken rule at one field. */
export class FieldError {
  readonly type: FieldErrorType;
  /** Dotted path such as `spec.template.spec.containers[0].name`. */
  readonly field: string;
  readonly value: unknown;
  readonly detail: string;

  constructor(type: FieldErrorType, field: string, value: unknown, detail: string) {
    this.type = type;
    this.field = field;
    this.value = value;
    this.detail = detail;
  }

  /** The message without the field, as a cause of a `Status` carries it. */
  body(): string {
    const head = HEADLINES[this.type];
    const stated =
      WITHOUT_VALUE.has(this.type) || this.value === OMITTED ? head : `${head}: ${this.#shown()}`;
    return this.detail === '' ? stated : `${stated}: ${this.detail}`;
  }

  /** Go has types of their own for the texts of a closed choice, and prints those as JSON; other texts it quotes. */
  #shown(): string {
    return this.type === 'FieldValueNotSupported' ? goJson(this.value ?? null) : shown(this.value);
  }

  /** `field: message`, as one line of an invalid object's message. */
  toString(): string {
    return `${this.field}: ${this.body()}`;
  }
}

/** Letters after which a message breaks off a value that is no text: upstream writes any, many times the size of a body. */
const SHOWN_LETTERS_MAX = 256 * 1024;

/** Go's rendering of a value in such a message: strings quoted, numbers and booleans bare, objects as JSON, nil as null. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (typeof value === 'string') return goQuote(value);
  const text = goJson(value);
  return text.length > SHOWN_LETTERS_MAX ? `${text.slice(0, SHOWN_LETTERS_MAX)}...` : text;
}

/** A field is missing. */
export const required = (field: string, detail = ''): FieldError =>
  new FieldError('FieldValueRequired', field, '', detail);
/** A value breaks a rule that `detail` states. */
export const invalid = (field: string, value: unknown, detail: string): FieldError =>
  new FieldError('FieldValueInvalid', field, value, detail);
/** A value is none of the allowed ones; they are listed sorted, as upstream does. */
export const notSupported = (field: string, value: unknown, allowed: readonly string[]): FieldError =>
  new FieldError(
    'FieldValueNotSupported',
    field,
    value,
    allowed.length === 0
      ? ''
      : `supported values: ${[...allowed]
          .sort()
          .map((each) => JSON.stringify(each))
          .join(', ')}`,
  );
/** The field may not be set here. */
export const forbidden = (field: string, detail: string): FieldError =>
  new FieldError('FieldValueForbidden', field, '', detail);
/** A string is longer than `maximum` bytes. */
export const tooLong = (field: string, maximum: number): FieldError =>
  new FieldError(
    'FieldValueTooLong',
    field,
    '',
    maximum >= 0 ? `may not be more than ${maximum} bytes` : 'value is too long',
  );
/** A list has `actual` entries where `maximum` are allowed. */
export const tooMany = (field: string, actual: number, maximum: number): FieldError =>
  new FieldError('FieldValueTooMany', field, actual, `must have at most ${maximum} items`);
/** A check could not be made, for the reason that `detail` tells. */
export const internal = (field: string, detail: string): FieldError =>
  new FieldError('InternalError', field, '', detail);
/** A value stands twice. */
export const duplicate = (field: string, value: unknown): FieldError =>
  new FieldError('FieldValueDuplicate', field, value, '');
/** A value refers to something that is not there. */
export const notFound = (field: string, value: unknown): FieldError =>
  new FieldError('FieldValueNotFound', field, value, '');
/** A value is none of the allowed ones; they are listed in the order given, for the rules that do not sort them. */
export const unsupported = (field: string, value: unknown, allowed: readonly string[]): FieldError =>
  new FieldError(
    'FieldValueNotSupported',
    field,
    value,
    `supported values: ${allowed.map((each) => JSON.stringify(each)).join(', ')}`,
  );
