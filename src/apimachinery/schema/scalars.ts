/** Decoders of values that are not structs, lists or maps. Each answers the value as Go would write it back. */
import { type Int64, integerOf } from '../exact-json.ts';
import { parseQuantity, QuantityError } from '../quantity.ts';
import { canonicalBase64 } from './base64.ts';
import { DecodeError, type Decoding } from './decoding.ts';
import { canonicalMicroTime, canonicalTime, TimestampError } from './timestamps.ts';

/**
 * Reads one value; `null` never reaches it. `known` is what a decoded object of the same kind has at this place: what the
 * value has in common with it is answered as it is there, not copied.
 */
export type Decode = (value: unknown, state: Decoding, known?: unknown) => unknown;

const INT_LIMITS: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63, int: 2 ** 63 };

/** Decodes a string of that Go type. */
export const decodeString =
  (goType: string): Decode =>
  (value, state) => {
    if (typeof value !== 'string') return state.complain(state.mismatch(value, goType));
    return value;
  };

/** Decodes a boolean. */
export const decodeBoolean: Decode = (value, state) => {
  if (typeof value !== 'boolean') return state.complain(state.mismatch(value, 'bool'));
  return value;
};

/** Decodes a whole number within the range of its Go type. */
export function decodeInteger(goType: string): Decode {
  const limit = INT_LIMITS[goType] ?? 2 ** 63;
  return (value, state) => {
    // A bigint lies beyond 2^53, so that it is compared exactly.
    const whole = typeof value === 'bigint' || Number.isInteger(value);
    if (whole && state.converts) return converted(value as Int64, limit);
    if (!whole || state.literal() !== undefined || (value as Int64) >= limit || (value as Int64) < -limit)
      return state.complain(state.mismatch(value, goType));
    return value;
  };
}

/** Go cuts off the bits that do not fit when it converts a number, where its decoder refuses it. */
function converted(value: Int64, limit: number): Int64 {
  if (value < limit && value >= -limit) return value;
  return integerOf(BigInt.asIntN(limit === 2 ** 31 ? 32 : 64, BigInt(value)).toString());
}

/** Decodes a floating-point number. */
export const decodeNumber: Decode = (value, state) => {
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    return state.complain(state.mismatch(value, 'float64'));
  }
  return Number(value);
};

/** `resource.Quantity`: a string or a number; answered in canonical form. */
export const decodeQuantity: Decode = (value, state) => {
  try {
    const text = typeof value === 'string' ? value.trim() : (state.literal() ?? JSON.stringify(value));
    return parseQuantity(text).toString();
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message, { cause: error });
    throw error;
  }
};

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) < 2 ** 31 && (value as number) >= -(2 ** 31);
}

/** `intstr.IntOrString`: what is no text has to be a whole number. */
export const decodeIntOrString: Decode = (value, state) => {
  if (typeof value === 'string') return value;
  if (isInt32(value) && state.literal() === undefined) return value;
  throw state.mismatch(value, 'int32', 'self');
};

/** `metav1.Time` (whole seconds) or, with `micro`, `metav1.MicroTime`; answered in UTC. */
export const decodeTime =
  (micro: boolean): Decode =>
  (value, state) => {
    if (typeof value !== 'string') throw state.mismatch(value, 'string', 'self');
    try {
      return micro ? canonicalMicroTime(value) : canonicalTime(value);
    } catch (error) {
      if (error instanceof TimestampError) throw new DecodeError(error.message, { cause: error });
      throw error;
    }
  };

/** `[]byte`: standard base64 with padding; line ends are passed over, as Go does. */
export const decodeBytes: Decode = (value, state) => {
  if (Array.isArray(value)) return bytesOf(value, state);
  if (typeof value !== 'string') return state.complain(state.mismatch(value, '[]uint8', 'slice'));
  const text = canonicalBase64(value);
  if (typeof text !== 'string') {
    const wrong = `illegal base64 data at input byte ${text.wrongAt}`;
    return state.complain(new DecodeError(state.converts ? `error decoding from json: ${wrong}` : wrong));
  }
  return text;
};

/** Go takes a list of small numbers for bytes too. */
function bytesOf(value: readonly unknown[], state: Decoding): unknown {
  for (const [at, item] of value.entries()) {
    if (Number.isInteger(item) && (item as number) >= 0 && (item as number) < 256) continue;
    state.enter(at);
    const wrong = state.mismatch(item, 'uint8');
    state.leave();
    return state.complain(wrong);
  }
  return Buffer.from(value as number[]).toString('base64');
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
