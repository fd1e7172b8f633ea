/** The one place that draws random numbers. Everything else is handed a {@link Random}. */
import { randomFillSync, randomUUID } from 'node:crypto';

/** A source of chance. */
export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** Chance from the operating system. */
export const systemRandom: Random = {
  fraction: () => nextUint32() / 2 ** 32,
  uuid: () => randomUUID(),
};

const pool = new Uint32Array(256);
let used = pool.length;

function nextUint32(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++] ?? 0;
}

/** Chance from a seed (mulberry32): the same seed gives the same sequence. For tests and simulation, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(fraction() * 16).toString(16)).join('');
  return { fraction, uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}` };
}

/** The letters of Kubernetes' random suffixes: no vowels and no look-alikes, so that no word appears. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A random suffix of `length` letters, as `generateName` appends five of. */
export function randomSuffix(random: Random, length = 5): string {
  let suffix = '';
  for (let at = 0; at < length; at++) {
    suffix += SUFFIX_ALPHABET[Math.floor(random.fraction() * SUFFIX_ALPHABET.length)];
  }
  return suffix;
}
