/** The order in which a CronJob's runs are listed. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Event } from '../../apis/core/types.ts';
import type { Run } from './cron-run.ts';

/** A run, and the Event that told of its beginning where there still is one. */
export interface ToldRun {
  readonly run: Run;
  readonly event?: DeepReadonly<Event>;
}

/**
 * Oldest first: by the time that a run was scheduled for, or started at. Those times are whole seconds, so that runs of
 * one second go by their Events, whose names end with nanoseconds; a run whose Event is not there yet, or no more, comes
 * last in its second, by its Job's name.
 */
export function oldestFirst(runs: readonly ToldRun[]): readonly Run[] {
  const placed = runs.map(({ run, event }) => ({
    run,
    second: Date.parse(run.scheduledFor ?? run.started ?? run.ended ?? '') || 0,
    stamp: `${stampOf(event)} ${run.job ?? ''}`,
  }));
  placed.sort((left, right) => left.second - right.second || (left.stamp < right.stamp ? -1 : 1));
  return placed.map(({ run }) => run);
}

/** The nanoseconds at an Event's name's end as hexadecimal of equal length; a text after all of them where it has none. */
function stampOf(event: DeepReadonly<Event> | undefined): string {
  const [, stamp] = /\.([0-9a-f]{1,16})$/.exec(event?.metadata.name ?? '') ?? [];
  return stamp === undefined ? '~' : stamp.padStart(16, '0');
}
