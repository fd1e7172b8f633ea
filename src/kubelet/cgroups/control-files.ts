/** What is written into a control group's files, and what is read from them, for both versions. Pure. */

import { type HugePages, pageSizeText } from '../huge-pages.ts';

/** Limits of a control group, in the kernel's units of version 1. */
export interface GroupLimits {
  /** Relative weight, as `cpu.shares` has it. */
  readonly cpuShares: number;
  /** Microseconds in each period of a tenth of a second; 0 is no limit. */
  readonly cpuQuota: number;
  /** Bytes; 0 is no limit. */
  readonly memoryLimit: number;
  /** How many tasks there may be; absent: what there was stays. */
  readonly tasksMax?: number;
  /** Of each size that is named; absent: what there was stays. */
  readonly hugePages?: readonly HugePages[];
  /** What else is set with version 2, by file: `memory.oom.group`. */
  readonly unified?: Readonly<Record<string, string>>;
}

/** What the processes of a group have used since it was made. */
export interface GroupUsage {
  readonly cpuSeconds: number;
  /** Most bytes at one time; 0 where the kernel does not count it. */
  readonly peakMemoryBytes: number;
  /** Processes that the kernel killed for want of memory; with version 1 without those of groups below. */
  readonly oomKills?: number;
}

/** Controllers that not every machine has. */
export type OptionalController = 'pids' | 'hugetlb';

/** A file of a group and what to write into it. */
export interface ControlFile {
  /** Controller of version 1 to whose hierarchy the file belongs. */
  readonly controller: 'cpu' | 'memory' | OptionalController;
  readonly name: string;
  readonly text: string;
}

const PERIOD_US = 100_000;

/** The files that set the limits. */
export function controlFiles(
  version: 1 | 2,
  { cpuShares, cpuQuota, memoryLimit, tasksMax, hugePages = [], unified = {} }: GroupLimits,
): ControlFile[] {
  const ofTasks: ControlFile[] =
    tasksMax === undefined ? [] : [{ controller: 'pids', name: 'pids.max', text: String(tasksMax) }];
  if (version === 1) {
    return [
      { controller: 'cpu', name: 'cpu.shares', text: String(cpuShares) },
      { controller: 'cpu', name: 'cpu.cfs_period_us', text: String(PERIOD_US) },
      { controller: 'cpu', name: 'cpu.cfs_quota_us', text: cpuQuota === 0 ? '-1' : String(cpuQuota) },
      {
        controller: 'memory',
        name: 'memory.limit_in_bytes',
        text: memoryLimit === 0 ? '-1' : String(memoryLimit),
      },
      ...ofTasks,
      ...pageFiles(version, hugePages),
    ];
  }
  return [
    { controller: 'cpu', name: 'cpu.weight', text: String(cpuWeight(cpuShares)) },
    { controller: 'cpu', name: 'cpu.max', text: `${cpuQuota === 0 ? 'max' : cpuQuota} ${PERIOD_US}` },
    { controller: 'memory', name: 'memory.max', text: memoryLimit === 0 ? 'max' : String(memoryLimit) },
    ...ofTasks,
    ...pageFiles(version, hugePages),
    // There all controllers are in one place.
    ...Object.entries(unified).map(([name, text]): ControlFile => ({ controller: 'memory', name, text })),
  ];
}

/** The files that set the limits of huge pages alone. */
export function pageFiles(version: 1 | 2, hugePages: readonly HugePages[]): ControlFile[] {
  const limit = version === 1 ? 'limit_in_bytes' : 'max';
  return hugePages.map(({ size, bytes }) => ({
    controller: 'hugetlb',
    name: `hugetlb.${pageSizeText(size)}.${limit}`,
    text: String(bytes),
  }));
}

/** Version 2 weighs from 1 to 10,000 what version 1 weighs from 2 to 262,144. */
export function cpuWeight(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

/** Files from which {@link usageFrom} tells the usage, by the controller of version 1. */
export const USAGE_FILES = {
  1: { cpuacct: ['cpuacct.usage'], memory: ['memory.max_usage_in_bytes', 'memory.oom_control'] },
  2: { cpuacct: ['cpu.stat'], memory: ['memory.peak', 'memory.events'] },
} as const;

/** @param text the text of a file of {@link USAGE_FILES}, undefined for one that is not there. */
export function usageFrom(
  version: 1 | 2,
  text: (name: string) => string | undefined,
): GroupUsage | undefined {
  if (version === 1) {
    const nanoseconds = text('cpuacct.usage');
    if (nanoseconds === undefined) return undefined;
    return {
      cpuSeconds: Number(nanoseconds) / 1e9,
      peakMemoryBytes: Number(text('memory.max_usage_in_bytes') ?? 0),
      ...oomKillsIn(text('memory.oom_control')),
    };
  }
  const microseconds = numberAt(text('cpu.stat'), 'usage_usec');
  if (microseconds === undefined) return undefined;
  return {
    cpuSeconds: microseconds / 1e6,
    peakMemoryBytes: Number(text('memory.peak') ?? 0),
    ...oomKillsIn(text('memory.events')),
  };
}

function oomKillsIn(text: string | undefined): Pick<GroupUsage, 'oomKills'> {
  const oomKills = numberAt(text, 'oom_kill');
  return oomKills === undefined ? {} : { oomKills };
}

/** Of lines `key value`, the value of that key. */
function numberAt(text: string | undefined, key: string): number | undefined {
  const line = text?.split('\n').find((each) => each.startsWith(`${key} `));
  return line === undefined ? undefined : Number(line.slice(key.length + 1));
}
