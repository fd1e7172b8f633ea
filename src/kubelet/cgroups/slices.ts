/**
 * Control groups as systemd has them: each is a unit whose name says what it is below, `a.slice/a-b.slice/a-b-c.slice`. Pure.
 * Source: systemd.slice(5), systemd.resource-control(5).
 */
import type { GroupLimits } from './control-files.ts';

/** What systemd takes for no limit. */
const INFINITY = 2n ** 64n - 1n;
/** systemd keeps a quota as a whole percentage of a core: microseconds in a second. */
const PERCENT_US = 10_000;
const PERIODS_PER_SECOND = 10;

/** A property of a unit: a number without sign, or yes or no. */
export type UnitProperty = readonly [name: string, value: bigint | boolean];

/** The unit of a group: of `/longshore/one/pod-1` it is `longshore-one-pod_1.slice`. */
export function sliceOf(path: string): string {
  return `${partsOf(path).join('-')}.slice`;
}

/** Where the unit's group is: of `/longshore/one` it is `/longshore.slice/longshore-one.slice`. */
export function slicePath(path: string): string {
  const parts = partsOf(path);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('-')}.slice`).join('');
}

/** The last part of the path of which {@link slicePath} made that name; undefined for what is no slice. */
export function lastPartOf(slice: string): string | undefined {
  if (!slice.endsWith('.slice')) return undefined;
  return slice.slice(slice.lastIndexOf('-') + 1, -'.slice'.length).replaceAll('_', '-');
}

/** No name of ours has a line below: a dash, which would lead one group down, can be told by it. */
function partsOf(path: string): string[] {
  return path.split('/').flatMap((part) => (part === '' ? [] : [part.replaceAll('-', '_')]));
}

/** Properties that count what a unit uses; without them its group has not the files. */
export const ACCOUNTING: readonly UnitProperty[] = [
  ['CPUAccounting', true],
  ['MemoryAccounting', true],
  ['TasksAccounting', true],
];

/** Properties that set the limits. A quota is rounded up, so that containers below have theirs. */
export function limitProperties(
  weight: number,
  { cpuQuota, memoryLimit, tasksMax }: GroupLimits,
): UnitProperty[] {
  const perSecond = Math.ceil((cpuQuota * PERIODS_PER_SECOND) / PERCENT_US) * PERCENT_US;
  return [
    ['CPUWeight', BigInt(weight)],
    ['CPUQuotaPerSecUSec', cpuQuota === 0 ? INFINITY : BigInt(perSecond)],
    ['MemoryMax', memoryLimit === 0 ? INFINITY : BigInt(Math.floor(memoryLimit))],
    ...(tasksMax === undefined ? [] : [['TasksMax', BigInt(tasksMax)] as const]),
  ];
}
