/** How little of something a node may have left before it evicts pods. Pure. Source: the kubelet's `--eviction-hard`. */
import { parseQuantity, wholeQuantity } from '../../apimachinery/quantity.ts';

/** What is watched. */
const SIGNALS = ['memory.available', 'nodefs.available', 'nodefs.inodesFree'] as const;
export type Signal = (typeof SIGNALS)[number];

/** The condition of a node that is short of something. */
export type Pressure = 'MemoryPressure' | 'DiskPressure';

/** A limit below which a signal may not fall: an amount, or a share of the whole. */
export interface Threshold {
  readonly signal: Signal;
  readonly amount: number;
  readonly isShare: boolean;
}

/** How a signal is now: bytes, or inodes. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
}

export type Observations = ReadonlyMap<Signal, Observation>;

/**
 * Reads `memory.available<100Mi,nodefs.available<10%`; an empty text is no threshold at all.
 *
 * @throws {Error} for what makes no sense; the message says which part.
 */
export function parseThresholds(text: string): readonly Threshold[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, name = '', amount = ''] = /^([\w.]+)<(.+)$/.exec(part) ?? [];
      const signal = SIGNALS.find((each) => each === name);
      if (signal === undefined)
        throw new Error(`'${part}': use ${SIGNALS.join(', ')} followed by < and an amount`);
      const share = /^(\d+(?:\.\d+)?)%$/.exec(amount)?.[1];
      if (share !== undefined) return { signal, amount: Number(share) / 100, isShare: true };
      try {
        return { signal, amount: parseQuantity(amount).value(), isShare: false };
      } catch {
        throw new Error(`'${part}': '${amount}' is neither an amount such as 100Mi nor a share such as 10%`);
      }
    });
}

/** The amount of a threshold, in the signal's own unit. */
export function amountOf({ amount, isShare }: Threshold, capacity: number): number {
  return isShare ? Math.floor(amount * capacity) : amount;
}

/** The thresholds that are met, those of memory first, as upstream acts on them. */
export function metThresholds(
  thresholds: readonly Threshold[],
  observed: Observations,
): readonly Threshold[] {
  const met = thresholds.filter((threshold) => {
    const seen = observed.get(threshold.signal);
    return seen !== undefined && seen.available < amountOf(threshold, seen.capacity);
  });
  return met.toSorted((a, b) => SIGNALS.indexOf(a.signal) - SIGNALS.indexOf(b.signal));
}

/** What a node says of itself when the threshold is met. */
export function pressureOf({ signal }: Pick<Threshold, 'signal'>): Pressure {
  return signal === 'memory.available' ? 'MemoryPressure' : 'DiskPressure';
}

/** What pods use up, by the signal that falls. */
export function resourceOf({ signal }: Pick<Threshold, 'signal'>): 'memory' | 'ephemeral-storage' | 'inodes' {
  switch (signal) {
    case 'memory.available':
      return 'memory';
    case 'nodefs.available':
      return 'ephemeral-storage';
    case 'nodefs.inodesFree':
      return 'inodes';
  }
}

/** Whole bytes as Kubernetes prints them: `100Mi`. */
export function binaryText(bytes: number): string {
  return wholeQuantity(Math.round(bytes), 'BinarySI').toString();
}
