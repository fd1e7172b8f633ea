/** What a Job's containers used, in a sentence or in cells of a table. Pure: from the annotations of the Job and its pods. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Job } from '../../apis/batch/types.ts';
import { type UsageByContainer, usageBoth, usageIn } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';

const MIB = 1024 * 1024;

/** What the Job's annotation says; pods of a Job that has not counted them yet, where it says nothing. */
export function usageOfJob(job: DeepReadonly<Job>, pods: readonly DeepReadonly<Pod>[]): UsageByContainer {
  const told = usageIn(job.metadata.annotations);
  if (told.size > 0) return told;
  return pods
    .map(({ metadata }) => usageIn(metadata.annotations))
    .reduce(usageBoth, new Map() as UsageByContainer);
}

/** One sentence, or none where nothing is known. */
export function usageSentences(used: UsageByContainer): string[] {
  if (used.size === 0) return [];
  let seconds = 0;
  let most = { bytes: 0, container: '' };
  for (const [container, { cpuSeconds, peakMemoryBytes }] of used) {
    seconds += cpuSeconds;
    if (peakMemoryBytes > most.bytes) most = { bytes: peakMemoryBytes, container };
  }
  const time = `It used ${secondsText(seconds)} of processor time`;
  const each = used.size === 1 ? [] : [`By container: ${[...used].map(partText).join(', ')}.`];
  if (most.bytes === 0) return [`${time}.`, ...each];
  return [
    `${time}; the most memory of a container was ${mebibytes(most.bytes)} (${most.container}).`,
    ...each,
  ];
}

/** Processor time to a hundredth of a second. */
export function secondsText(seconds: number): string {
  return `${Math.round(seconds * 100) / 100} s`;
}

/** Memory in whole MiB, rounded up. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}

function partText([name, { cpuSeconds, peakMemoryBytes }]: readonly [
  string,
  { readonly cpuSeconds: number; readonly peakMemoryBytes: number },
]): string {
  const memory = peakMemoryBytes === 0 ? '' : ` and ${mebibytes(peakMemoryBytes)}`;
  return `${name} ${secondsText(cpuSeconds)}${memory}`;
}
