/** One decoding under way: where it is in the object, and what it found that the schema does not know. */

/** Why a body is no object of its kind, in the words of Go's decoder. The caller says which kind it was to be. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Unknown fields reported for one body; more are counted with the last. A bound on hostile bodies. */
const UNKNOWN_FIELDS_MAX = 100;

/** State of one decoding. */
export class Decoding {
  /** Field names and list positions from the root to here. */
  readonly #trail: (string | number)[] = [];
  /** Paths of unknown fields, `spec.containers[0].bogus`, in the order of the body. */
  readonly unknown: string[] = [];
  /** The struct that holds the field being decoded. */
  struct = '';

  enter(step: string | number): void {
    this.#trail.push(step);
  }

  leave(): void {
    this.#trail.pop();
  }

  /** Notes a field that the struct here does not have. */
  unknownField(name: string): void {
    if (this.unknown.length < UNKNOWN_FIELDS_MAX) this.unknown.push(this.#path(name));
  }

  /** Go's complaint about a value of the wrong type; list positions do not appear in it. */
  mismatch(value: unknown, goType: string): DecodeError {
    const fields = this.#trail.filter((step) => typeof step === 'string');
    const where = fields.length === 0 ? 'value' : `struct field ${this.struct}.${fields.join('.')}`;
    return new DecodeError(
      `json: cannot unmarshal ${kindOf(value, goType)} into Go ${where} of type ${goType}`,
    );
  }

  #path(last: string): string {
    let path = '';
    for (const step of this.#trail)
      path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
    return path === '' ? last : `${path}.${last}`;
  }
}

/** What Go's decoder calls a JSON value; a number of the right type that does not fit is shown itself. */
function kindOf(value: unknown, goType: string): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return /^u?int/.test(goType) ? `number ${value}` : 'number';
    case 'string':
      return 'string';
    default:
      return value === null ? 'null' : 'object';
  }
}
