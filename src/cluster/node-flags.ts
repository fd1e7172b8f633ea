/** The options about a node, from the text of the command line to the node's settings. Pure. */
import type { NodeSettings } from '../kubelet/index.ts';
import { UserError } from './user-error.ts';

/** As the command line gives them; what is absent has the kubelet's default. */
export interface NodeFlags {
  /** A duration. */
  readonly syncFrequency?: string;
}

/** Milliseconds of each unit of a duration. */
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * What they say.
 *
 * @throws {UserError} for text that makes no sense; the message names the flag.
 */
export function nodeSettings({ syncFrequency }: NodeFlags): Partial<NodeSettings> {
  if (syncFrequency === undefined) return {};
  return { syncMs: durationMs('--sync-frequency', syncFrequency) };
}

/** `90s`, `1m30s`, `1h`. */
function durationMs(flag: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const whole = parts.map(([part]) => part).join('');
  const sum = parts.reduce((ms, [, amount, unit = '']) => ms + Number(amount) * (UNITS[unit] ?? 0), 0);
  if (whole !== text || sum <= 0) throw new UserError(`${flag} ${text}: use a duration such as 90s or 1m30s`);
  return sum;
}
