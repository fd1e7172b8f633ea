import { type Random, randomSuffix } from './random.ts';

/** Letters of a generated name: a DNS label's. */
const NAME_LENGTH_MAX = 63;
/** Letters of chance at its end. */
const SUFFIX_LENGTH = 5;

/** A name from `metadata.generateName`: its beginning, cut so that the whole fits a DNS label, and five letters of chance. */
export function generatedName(prefix: string, random: Random): string {
  return prefix.slice(0, NAME_LENGTH_MAX - SUFFIX_LENGTH) + randomSuffix(random, SUFFIX_LENGTH);
}
