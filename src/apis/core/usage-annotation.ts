/** What containers used: an annotation that a node leaves on a pod that has ended, and the Job controller on the pod's Job. */

/** JSON by container: `{"main":{"cpuSeconds":1.25,"peakMemoryBytes":33554432}}`. */
export const USAGE_ANNOTATION = 'longshore.dev/usage';

/** Reason of the event by which a Job's usage outlives the Job. Its message is what {@link usageSentence} makes. */
export const USAGE_EVENT_REASON = 'ResourcesUsed';

/** Runs of one container that are told one by one, the newest: a container that crashes for weeks has thousands. */
export const RUNS_TOLD_MAX = 5;

/** What one run of a container used, or several together. */
export interface RunUsage {
  readonly cpuSeconds: number;
  /** Most bytes at one time; 0 where the kernel does not count it. */
  readonly peakMemoryBytes: number;
}

/** What a container used, over all its runs. */
export interface ContainerUsage extends RunUsage {
  /** Each run by itself, oldest first; absent unless there were several. At most {@link RUNS_TOLD_MAX}. */
  readonly runs?: readonly RunUsage[];
}

/** What each container used, by its name. */
export type UsageByContainer = ReadonlyMap<string, ContainerUsage>;

/** Two usages as one: time adds up, memory is the most at one time. */
export function usageTogether(one: RunUsage, other: RunUsage): RunUsage {
  return {
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
    peakMemoryBytes: Math.max(one.peakMemoryBytes, other.peakMemoryBytes),
  };
}

/** The usage of several pods by container, without single runs. */
export function usageBoth(one: UsageByContainer, other: UsageByContainer): UsageByContainer {
  const sums = new Map<string, ContainerUsage>(one);
  for (const [name, { cpuSeconds, peakMemoryBytes }] of other) {
    const before = sums.get(name) ?? { cpuSeconds: 0, peakMemoryBytes: 0 };
    sums.set(name, usageTogether(before, { cpuSeconds, peakMemoryBytes }));
  }
  return sums;
}

/** All containers together. */
export function usageInAll(used: UsageByContainer): RunUsage {
  return [...used.values()].reduce(usageTogether, { cpuSeconds: 0, peakMemoryBytes: 0 });
}

/** The annotation's text. Seconds are told to the millisecond: the kernel's figure is no more exact over a container's life. */
export function usageText(used: UsageByContainer): string {
  const rounded = [...used].map(([name, { runs, ...sum }]) => [
    name,
    { ...inMilliseconds(sum), ...(runs === undefined ? {} : { runs: runs.map(inMilliseconds) }) },
  ]);
  return JSON.stringify(Object.fromEntries(rounded));
}

/** What the annotation of a pod or a Job says; anybody may have written it, so what makes no sense is passed over. */
export function usageIn(annotations: Readonly<Record<string, string>> | undefined): UsageByContainer {
  const found = new Map<string, ContainerUsage>();
  try {
    const all: unknown = JSON.parse(annotations?.[USAGE_ANNOTATION] ?? '{}');
    for (const [container, used] of Object.entries(all ?? {}) as [string, Partial<ContainerUsage> | null][]) {
      if (!isUsage(used)) continue;
      const { cpuSeconds, peakMemoryBytes, runs } = used;
      const each = Array.isArray(runs) ? runs.filter(isUsage) : [];
      found.set(container, { cpuSeconds, peakMemoryBytes, ...(each.length === 0 ? {} : { runs: each }) });
    }
  } catch {
    found.clear();
  }
  return found;
}

/** A usage as an event tells it: `c: cpuSeconds=1.25 peakMemoryBytes=33554432; side: cpuSeconds=…`. */
export function usageSentence(used: UsageByContainer): string {
  return [...used]
    .map(([name, sum]) => {
      const { cpuSeconds, peakMemoryBytes } = inMilliseconds(sum);
      return `${name}: cpuSeconds=${cpuSeconds} peakMemoryBytes=${peakMemoryBytes}`;
    })
    .join('; ');
}

/** What {@link usageSentence} told. */
export function usageInSentence(text: string): UsageByContainer {
  const found = new Map<string, ContainerUsage>();
  for (const [, name = '', seconds, bytes] of text.matchAll(
    /([a-z0-9-]+): cpuSeconds=([\d.]+) peakMemoryBytes=(\d+)/g,
  )) {
    found.set(name, { cpuSeconds: Number(seconds), peakMemoryBytes: Number(bytes) });
  }
  return found;
}

function inMilliseconds({ cpuSeconds, peakMemoryBytes }: RunUsage): RunUsage {
  return { cpuSeconds: Math.round(cpuSeconds * 1000) / 1000, peakMemoryBytes };
}

function isUsage(used: Partial<ContainerUsage> | null): used is ContainerUsage {
  return [used?.cpuSeconds, used?.peakMemoryBytes].every(
    (each) => Number.isFinite(each) && Number(each) >= 0,
  );
}
