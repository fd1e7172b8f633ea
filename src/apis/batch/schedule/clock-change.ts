/**
 * Schedules that take clock changes as people expect them, for `longshore.dev/dst: once`. Kubernetes leaves out a time
 * that a change skips and runs one that it repeats twice; see search.ts.
 */
import { TimeZone } from '../time-zone/time-zone.ts';
import type { Schedule } from './schedule.ts';
import { nextMatch } from './search.ts';

/**
 * The first time after `after` (milliseconds since 1970) when each time of the schedule runs once: one that a clock change
 * skips at the moment of the change, one that it repeats the first time only. Undefined when there is none within five
 * years. `@every` does not look at clocks, so it stays as it is. The schedule's own zone goes before `zone`.
 */
export function nextOnce(schedule: Schedule, after: number, zone: TimeZone): number | undefined {
  const { fields } = schedule;
  if (fields === undefined) return schedule.next(after, zone);
  const place = schedule.timeZone ?? zone;
  const second = Math.floor(after / 1000);
  // What the clock on the wall shows, counted as if it were UTC: that clock neither skips nor repeats.
  const straight = TimeZone.load('UTC');
  let shown = nextMatch(fields, second + place.offsetAt(second), straight);
  while (shown !== undefined) {
    const instant = firstShowing(shown, place);
    if (instant > second) return instant * 1000;
    // Shown for the second time after the clock was set back.
    shown = nextMatch(fields, shown, straight);
  }
  return undefined;
}

/** No zone is further from UTC than this, and no change greater, in seconds. */
const FAR = 36 * 3600;

/** When the clocks of a zone first show this (seconds), or the moment of the change that skips it. */
function firstShowing(shown: number, zone: TimeZone): number {
  let span = zone.spanAt(shown - FAR);
  while (shown - span.offset >= span.end) span = zone.spanAt(span.end);
  return Math.max(shown - span.offset, span.start);
}
