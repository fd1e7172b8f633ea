/** How little of something a node may have left before it evicts pods. Pure. Source: the kubelet's `--eviction-hard`. */
import { parseQuantity, type QuantityFormat, wholeQuantity } from '../../apimachinery/quantity.ts';
import type { Disk } from './disk-use.ts';

/** What is watched. */
const SIGNALS = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
] as const;
export type Signal = (typeof SIGNALS)[number];

/** The condition of a node that is short of something. */
export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** All of them, in the order in which a node tells them. */
export const PRESSURES: readonly Pressure[] = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** A limit below which a signal may not fall: an amount, or a share of the whole. */
export interface Threshold {
  readonly signal: Signal;
  readonly amount: number;
  readonly isShare: boolean;
  /** How the limit is told: an amount as it was written, a share in the binary way. */
  readonly format: QuantityFormat;
}

/** How a signal is now: bytes, inodes or tasks. */
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
      if (share !== undefined)
        return { signal, amount: Number(share) / 100, isShare: true, format: 'BinarySI' };
      try {
        const quantity = parseQuantity(amount);
        return { signal, amount: quantity.value(), isShare: false, format: quantity.format };
      } catch {
        throw new Error(`'${part}': '${amount}' is neither an amount such as 100Mi nor a share such as 10%`);
      }
    });
}

/** The amount of a threshold, in the signal's own unit. */
export function amountOf({ amount, isShare }: Threshold, capacity: number): number {
  return isShare ? Math.floor(amount * capacity) : amount;
}

/** The limit and what there is, as Kubernetes tells them: bytes as `100Mi`, what is counted as `1k`. */
export function thresholdTexts(
  threshold: Threshold,
  { available, capacity }: Observation,
): { readonly limit: string; readonly available: string } {
  const resource = resourceOf(threshold);
  const isCounted = resource === 'inodes' || resource === 'pids';
  return {
    limit: wholeQuantity(Math.round(amountOf(threshold, capacity)), threshold.format).toString(),
    available: wholeQuantity(Math.round(available), isCounted ? 'DecimalSI' : 'BinarySI').toString(),
  };
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
  switch (signal) {
    case 'memory.available':
      return 'MemoryPressure';
    case 'nodefs.available':
    case 'nodefs.inodesFree':
    case 'imagefs.available':
    case 'imagefs.inodesFree':
      return 'DiskPressure';
    case 'pid.available':
      return 'PIDPressure';
  }
}

/** Which disk the signal is of; undefined for what is on none. */
export function diskOf({ signal }: Pick<Threshold, 'signal'>): Disk | undefined {
  if (signal.startsWith('nodefs.')) return 'nodefs';
  return signal.startsWith('imagefs.') ? 'imagefs' : undefined;
}

/** What pods use up. */
export type ScarceResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

/** What pods use up, by the signal that falls. */
export function resourceOf({ signal }: Pick<Threshold, 'signal'>): ScarceResource {
  switch (signal) {
    case 'memory.available':
      return 'memory';
    case 'nodefs.available':
    case 'imagefs.available':
      return 'ephemeral-storage';
    case 'nodefs.inodesFree':
    case 'imagefs.inodesFree':
      return 'inodes';
    case 'pid.available':
      return 'pids';
  }
}

/** Whole bytes as Kubernetes prints them: `100Mi`. */
export function binaryText(bytes: number): string {
  return wholeQuantity(Math.round(bytes), 'BinarySI').toString();
}
