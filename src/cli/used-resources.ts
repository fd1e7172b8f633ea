/** What the pods of a Job used, in a sentence. Pure: from the annotation that their nodes left on them. */
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { usageIn } from '../apis/core/index.ts';
import type { Pod } from '../apis/core/types.ts';

const MIB = 1024 * 1024;

/** One sentence, or none where nothing is known. */
export function usageOf(pods: readonly DeepReadonly<Pod>[]): string[] {
  let seconds = 0;
  let most = { bytes: 0, container: '' };
  let known = false;
  for (const { metadata } of pods) {
    for (const [container, { cpuSeconds, peakMemoryBytes }] of usageIn(metadata.annotations)) {
      known = true;
      seconds += cpuSeconds;
      if (peakMemoryBytes > most.bytes) most = { bytes: peakMemoryBytes, container };
    }
  }
  if (!known) return [];
  const time = `It used ${Math.round(seconds * 100) / 100} s of processor time`;
  if (most.bytes === 0) return [`${time}.`];
  return [
    `${time}; the most memory of a container was ${Math.ceil(most.bytes / MIB)} MiB (${most.container}).`,
  ];
}
