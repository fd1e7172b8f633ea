/** What is still told of a Job that was deleted: its events outlive it. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { USAGE_EVENT_REASON, usageInSentence } from '../../apis/core/index.ts';
import type { Event } from '../../apis/core/types.ts';
import { eventTime } from '../wording/event-time.ts';
import { usageSentences } from '../wording/used-resources.ts';

/** Sentences about the Job of that name, from the events about it; none when no event tells of it. */
export function explainGoneJob(name: string, events: readonly DeepReadonly<Event>[]): readonly string[] {
  const own = events
    .filter(({ involvedObject: about }) => about.kind === 'Job' && about.name === name)
    .toSorted((a, b) => eventTime(a) - eventTime(b));
  const last = own.findLast(({ reason }) => reason !== USAGE_EVENT_REASON);
  if (last === undefined) return [];
  const uid = last.involvedObject.uid;
  const used = own.findLast(
    ({ reason, involvedObject }) => reason === USAGE_EVENT_REASON && involvedObject.uid === uid,
  );
  return [
    `Job ${name} is gone. The last that was told of it: ${last.reason ?? ''}: ${last.message ?? ''}.`,
    ...usageSentences(usageInSentence(used?.message ?? '')),
  ];
}
