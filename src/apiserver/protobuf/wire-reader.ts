/** Reads the fields of one protobuf message (protobuf.dev/programming-guides/encoding). */

import { type Int64, integerOf } from '../../apimachinery/exact-json.ts';

/** A text that is no protobuf. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** One field as it stands on the wire: a number for wire types 0, 1 and 5, bytes for type 2. */
export interface WireField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
  /** 0 varint, 1 eight bytes, 2 bytes, 5 four bytes. */
  readonly type: number;
}

/** The fields of a message, in order. */
export function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new WireError('unexpected EOF');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('proto: integer overflow');
  };
  const take = (length: number): number => {
    const start = at;
    at += length;
    if (at > bytes.length) throw new WireError('unexpected EOF');
    return start;
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const type = tag & 7;
    const number = tag >>> 3;
    if (number === 0) throw new WireError(`proto: illegal tag ${number} (wire type ${type})`);
    if (type === 0) yield { number, type, value: varint() };
    else if (type === 1) yield { number, type, value: view.getBigUint64(take(8), true) };
    else if (type === 5) yield { number, type, value: BigInt(view.getUint32(take(4), true)) };
    else if (type === 2) {
      const length = Number(varint());
      const start = take(length);
      yield { number, type, value: bytes.subarray(start, start + length) };
    } else throw new WireError(`proto: illegal wireType ${type}`);
  }
}

/** A signed 64-bit number as JSON has it. */
export function signed(value: bigint): Int64 {
  return integerOf(BigInt.asIntN(64, value).toString());
}
