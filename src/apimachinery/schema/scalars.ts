/** Decoders of values that are not structs, lists or maps. Each answers the value as Go would write it back. */
import { parseQuantity, QuantityError } from '../quantity.ts';
import { DecodeError, type Decoding } from './decoding.ts';

/** Reads one value; `null` never reaches it. */
export type Decode = (value: unknown, state: Decoding) => unknown;

const INT_LIMITS: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63, int: 2 ** 63 };

/** A string of that Go type. */
export const decodeString =
  (goType: string): Decode =>
  (value, state) => {
    if (typeof value !== 'string') throw state.mismatch(value, goType);
    return value;
  };

/** A boolean. */
export const decodeBoolean: Decode = (value, state) => {
  if (typeof value !== 'boolean') throw state.mismatch(value, 'bool');
  return value;
};

/** A whole number within the range of its Go type. */
export function decodeInteger(goType: string): Decode {
  const limit = INT_LIMITS[goType] ?? 2 ** 63;
  return (value, state) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value >= limit || value < -limit) {
      throw state.mismatch(value, goType);
    }
    return value;
  };
}

/** A floating-point number. */
export const decodeNumber: Decode = (value, state) => {
  if (typeof value !== 'number') throw state.mismatch(value, 'float64');
  return value;
};

/** `resource.Quantity`: a string or a number; answered in canonical form. */
export const decodeQuantity: Decode = (value) => {
  try {
    return parseQuantity(typeof value === 'string' ? value : JSON.stringify(value)).toString();
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message, { cause: error });
    throw error;
  }
};

/** `intstr.IntOrString`. */
export const decodeIntOrString: Decode = (value, state) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31) return value;
  throw state.mismatch(value, typeof value === 'number' ? 'int32' : 'string');
};

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const GO_LAYOUT = '2006-01-02T15:04:05Z07:00';

/** `metav1.Time` (whole seconds) or, with `micro`, `metav1.MicroTime`; answered in UTC. */
export const decodeTime =
  (micro: boolean): Decode =>
  (value, state) => {
    if (typeof value !== 'string') throw state.mismatch(value, 'string');
    const match = RFC3339.exec(value);
    const epochMs = match === null ? Number.NaN : Date.parse(value);
    if (match === null || Number.isNaN(epochMs)) {
      const shown = JSON.stringify(value);
      throw new DecodeError(`parsing time ${shown} as "${GO_LAYOUT}": cannot parse ${shown} as "2006"`);
    }
    const whole = new Date(Math.floor(epochMs / 1000) * 1000).toISOString().slice(0, 19);
    return micro ? `${whole}.${`${match[7] ?? '.'}000000`.slice(1, 7)}Z` : `${whole}Z`;
  };

/** `[]byte`: standard base64 with padding; line ends are passed over, as Go does. */
export const decodeBytes: Decode = (value, state) => {
  if (typeof value !== 'string') throw state.mismatch(value, '[]uint8');
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value;
  const wrong = illegalBase64At(text);
  if (wrong !== undefined) throw new DecodeError(`illegal base64 data at input byte ${wrong}`);
  return text;
};

/** The position that Go's decoder names for a text that is no base64; undefined for one that is. */
function illegalBase64At(text: string): number | undefined {
  const body = /^[A-Za-z0-9+/]*/.exec(text)?.[0].length ?? 0;
  const rest = text.slice(body);
  const padding = body % 4 === 0 ? '' : '='.repeat(4 - (body % 4));
  if (body % 4 !== 1 && rest === padding) return undefined;
  if (rest === '') return text.length - (text.length % 4 === 1 ? 1 : 0);
  return rest.startsWith(padding) && padding !== '' ? body + padding.length : body;
}

/** Whatever JSON stands there (RawExtension, FieldsV1): an object, kept as it is but copied. */
export const decodeAny: Decode = (value) => structuredCopy(value);

function structuredCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(structuredCopy);
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value))
    if (member !== undefined) put(copy, key, structuredCopy(member));
  return copy;
}

/** Sets an own member even when its name is `__proto__`, so that no map of a client reaches a prototype. */
export function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else target[key] = value;
}
