/** One decoding under way: where it is in the object, and what it found that the schema does not know. */

import { conversionComplaint, type Target } from './conversion-complaint.ts';

/** Why a body is no object of its kind, in the words of Go's decoder. The caller says which kind it was to be. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Unknown fields reported for one body; more are counted with the last. A bound on hostile bodies. */
const UNKNOWN_FIELDS_MAX = 100;

/** A struct that is embedded in another: Go's complaints name it, paths of unknown fields do not. */
export interface Embedded {
  readonly embedded: string;
}

/** How a value came about. */
export interface DecodeOptions {
  /** Numbers of the body that are written with a fraction or an exponent, by their paths. */
  readonly literals?: ReadonlyMap<string, string>;
  /** Whether it is the outcome of a strategic merge, which upstream converts and complains about in other words. */
  readonly converts?: boolean;
  /** An object that was decoded before, which the value may have been derived from. */
  readonly known?: object;
}

/** State of one decoding. */
export class Decoding {
  /** Field names and list positions from the root to here. */
  readonly #trail: (string | number | Embedded)[] = [];
  /** Which of these are keys of maps: Go names those in no complaint. */
  readonly #keys: number[] = [];
  readonly #literals: ReadonlyMap<string, string> | undefined;
  /** Whether the value comes from a strategic merge and is converted, as upstream calls it, instead of decoded. */
  readonly converts: boolean;
  /** Paths of unknown fields, `spec.containers[0].bogus`, in the order of the body. */
  readonly unknown: string[] = [];
  /** Structs that were given empty lists or maps that are left out. */
  readonly emptied: object[] = [];
  /** The struct that holds the field being decoded. */
  struct = '';
  #saved: DecodeError | undefined;

  constructor({ literals, converts = false }: DecodeOptions = {}) {
    this.#literals = literals === undefined || literals.size === 0 ? undefined : literals;
    this.converts = converts;
  }

  enter(step: string | number | Embedded): void {
    this.#trail.push(step);
  }

  leave(): void {
    this.#trail.pop();
  }

  enterKey(key: string): void {
    this.#keys.push(this.#trail.length);
    this.#trail.push(key);
  }

  leaveKey(): void {
    this.#keys.pop();
    this.#trail.pop();
  }

  /** How the number here is written, when that is with a fraction or an exponent. */
  literal(): string | undefined {
    return this.#literals?.get(this.#path());
  }

  /** Notes a field that the struct here does not have. */
  unknownField(name: string): void {
    if (this.unknown.length < UNKNOWN_FIELDS_MAX) this.unknown.push(this.#path(name));
  }

  /** Go's complaint about a value of the wrong type; list positions do not appear in it. */
  mismatch(value: unknown, goType: string, target: Target = 'scalar'): DecodeError {
    if (this.converts) return new DecodeError(conversionComplaint(value, goType, target));
    const fields = this.#trail
      .filter((step, at) => typeof step !== 'number' && !this.#keys.includes(at))
      .map((step) => (typeof step === 'object' ? step.embedded : step));
    const where = fields.length === 0 ? 'value' : `struct field ${this.struct}.${fields.join('.')}`;
    return new DecodeError(
      `json: cannot unmarshal ${kindOf(value, goType, this.literal())} into Go ${where} of type ${goType}`,
    );
  }

  /**
   * Keeps a complaint for the end, as Go's decoder does: it reads on, and what a type that decodes itself then refuses is
   * told instead. Of several the first is kept. A conversion ends at its first.
   */
  complain(error: DecodeError): undefined {
    if (this.converts) throw error;
    this.#saved ??= error;
    return undefined;
  }

  /** Throws what was kept for the end. */
  end(): void {
    if (this.#saved !== undefined) throw this.#saved;
  }

  #path(last = ''): string {
    let path = '';
    for (const step of this.#trail)
      if (typeof step !== 'object')
        path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
    return path === '' || last === '' ? `${path}${last}` : `${path}.${last}`;
  }
}

/** What Go's decoder calls a JSON value; a number of the right type that does not fit is shown itself. */
function kindOf(value: unknown, goType: string, literal: string | undefined): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return /^u?int/.test(goType) ? `number ${literal ?? value}` : 'number';
    case 'string':
      return 'string';
    default:
      return value === null ? 'null' : 'object';
  }
}
