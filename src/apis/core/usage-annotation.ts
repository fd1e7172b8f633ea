/** What a pod's containers used: an annotation that its node leaves on it when it has ended. */

/** JSON by container: `{"main":{"cpuSeconds":1.25,"peakMemoryBytes":33554432}}`. */
export const USAGE_ANNOTATION = 'longshore.dev/usage';

/** What a container used, over all its runs. */
export interface ContainerUsage {
  readonly cpuSeconds: number;
  /** Most bytes at one time; 0 where the kernel does not count it. */
  readonly peakMemoryBytes: number;
}

/** The annotation's text. Seconds are told to the millisecond: the kernel's figure is no more exact over a container's life. */
export function usageText(used: ReadonlyMap<string, ContainerUsage>): string {
  const rounded = [...used].map(([name, { cpuSeconds, peakMemoryBytes }]) => [
    name,
    { cpuSeconds: Math.round(cpuSeconds * 1000) / 1000, peakMemoryBytes },
  ]);
  return JSON.stringify(Object.fromEntries(rounded));
}

/** What the annotation of a pod says; anybody may have written it, so what makes no sense is passed over. */
export function usageIn(
  annotations: Readonly<Record<string, string>> | undefined,
): ReadonlyMap<string, ContainerUsage> {
  const found = new Map<string, ContainerUsage>();
  try {
    const all: unknown = JSON.parse(annotations?.[USAGE_ANNOTATION] ?? '{}');
    for (const [container, used] of Object.entries(all ?? {}) as [string, Partial<ContainerUsage> | null][]) {
      const { cpuSeconds, peakMemoryBytes } = used ?? {};
      if (typeof cpuSeconds !== 'number' || typeof peakMemoryBytes !== 'number') continue;
      found.set(container, { cpuSeconds, peakMemoryBytes });
    }
  } catch {
    found.clear();
  }
  return found;
}
