/** The options about a node, from the text of the command line to the node's settings. Pure. */

import { parseQuantity } from '../../apimachinery/quantity.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import {
  DEFAULT_NODE_SETTINGS,
  type NodeSettings,
  parseExtendedResource,
  parseThresholds,
} from '../../kubelet/index.ts';
import { UserError } from '../user-error.ts';

/** As the command line gives them; what is absent has its default. */
export interface NodeFlags {
  /** A duration. */
  readonly syncFrequency?: string;
  readonly podMaxPids?: number;
  /** An amount of bytes. */
  readonly containerLogMaxSize?: string;
  readonly containerLogMaxFiles?: number;
  /** `memory.available<100Mi,nodefs.available<5%`; empty: pods are never evicted. */
  readonly evictionHard?: string;
  /** A duration. */
  readonly evictionPressureTransitionPeriod?: string;
  /** Percent. */
  readonly imageGcHighThreshold?: number;
  /** Percent. */
  readonly imageGcLowThreshold?: number;
  /** A duration. */
  readonly minimumImageTtlDuration?: string;
  /** `cpu=500m,memory=1Gi`. */
  readonly systemReserved?: string;
  /** Each as `nvidia.com/gpu=2` or with a list of devices. */
  readonly extendedResource?: readonly string[];
}

/** Milliseconds of each unit of a duration. */
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const RESERVABLE = ['cpu', 'memory', 'ephemeral-storage'];

/**
 * What they say.
 *
 * @throws {UserError} for text that makes no sense; the message names the flag.
 */
export function nodeSettings(flags: NodeFlags): NodeSettings {
  const { syncMs, logs, evictionHard, evictionTransitionMs, imageGc } = DEFAULT_NODE_SETTINGS;
  const highPercent = flags.imageGcHighThreshold ?? imageGc.highPercent;
  const lowPercent = flags.imageGcLowThreshold ?? Math.min(imageGc.lowPercent, highPercent);
  if (highPercent > 100 || lowPercent > highPercent) {
    throw new UserError(
      `--image-gc-low-threshold ${lowPercent} and --image-gc-high-threshold ${highPercent}: use percents, the low one below the high one`,
    );
  }
  return {
    syncMs: durationMs('--sync-frequency', flags.syncFrequency, syncMs),
    podTasksMax: tasksMax('--pod-max-pids', flags.podMaxPids),
    logs: {
      bytesMax: bytes('--container-log-max-size', flags.containerLogMaxSize, logs.bytesMax),
      filesMax: atLeastTwo('--container-log-max-files', flags.containerLogMaxFiles ?? logs.filesMax),
    },
    evictionHard:
      flags.evictionHard === undefined
        ? evictionHard
        : told('--eviction-hard', () => parseThresholds(flags.evictionHard ?? '')),
    evictionTransitionMs: durationMs(
      '--eviction-pressure-transition-period',
      flags.evictionPressureTransitionPeriod,
      evictionTransitionMs,
    ),
    imageGc: {
      highPercent,
      lowPercent,
      minAgeMs: durationMs('--minimum-image-ttl-duration', flags.minimumImageTtlDuration, imageGc.minAgeMs),
    },
    reserved: amounts('--system-reserved', flags.systemReserved),
    extendedResources: (flags.extendedResource ?? []).map((text) =>
      told('--extended-resource', () => parseExtendedResource(text)),
    ),
  };
}

/** `90s`, `1m30s`, `1h`. */
function durationMs(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const whole = parts.map(([part]) => part).join('');
  const sum = parts.reduce((ms, [, amount, unit = '']) => ms + Number(amount) * (UNITS[unit] ?? 0), 0);
  if (whole !== text || sum <= 0) throw new UserError(`${flag} ${text}: use a duration such as 90s or 1m30s`);
  return sum;
}

function bytes(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const amount = told(flag, () => parseQuantity(text).value());
  if (amount <= 0) throw new UserError(`${flag} ${text}: use an amount such as 10Mi`);
  return amount;
}

function tasksMax(flag: string, count: number | undefined): number | undefined {
  if (count === 0) throw new UserError(`${flag} ${count}: use 1 or more`);
  return count;
}

/** One file is being written, so that at least one more is needed to set it aside. */
function atLeastTwo(flag: string, count: number): number {
  if (count < 2) throw new UserError(`${flag} ${count}: use 2 or more`);
  return count;
}

function amounts(flag: string, text = ''): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [, name = '', amount = ''] = /^([^=]+)=(.+)$/.exec(part) ?? [];
    if (!RESERVABLE.includes(name)) {
      throw new UserError(`${flag} ${part}: use ${RESERVABLE.join(', ')}, each followed by = and an amount`);
    }
    told(flag, () => parseQuantity(amount));
    found[name] = amount;
  }
  return found;
}

/** What a parser complains of is told with the flag's name. */
function told<Value>(flag: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new UserError(`${flag}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
