/**
 * The search for a schedule's next time, with robfig's treatment of clock changes.
 *
 * It goes from the coarsest unit to the finest: it moves on by months until the month matches, then by days, by hours and
 * by minutes, and begins anew whenever a unit runs over into the next greater one. What happens around a clock change
 * follows from how each step is made: months and days move on the wall clock, hours and minutes move real time. Hence a
 * skipped time is not made up for, a repeated hour runs twice, and where midnight itself is skipped the hours go on into
 * the next day without looking at the day again. Kubernetes users see exactly that, so it is kept.
 */

import type { TimeZone } from '../time-zone/time-zone.ts';
import type { ScheduleFields } from './schedule-fields.ts';
import { WallClock } from './wall-clock.ts';

/** A schedule that has no time within so many years never runs. */
const YEARS_MAX = 5;

/** The first matching second after `after` (both seconds since 1970), or undefined when there is none within five years. */
export function nextMatch(fields: ScheduleFields, after: number, zone: TimeZone): number | undefined {
  if (fields.minute.empty || fields.hour.empty || fields.month.empty) return undefined;
  const search = new Search(fields, new WallClock(zone, after + 1));
  const lastYear = search.clock.year + YEARS_MAX;
  while (search.clock.year <= lastYear) {
    if (search.settle()) return search.clock.instant;
  }
  return undefined;
}

class Search {
  readonly clock: WallClock;
  readonly #fields: ScheduleFields;
  /** Whether the search has left the second it began at; the finer units stand at their beginning from then on. */
  #moved = false;

  constructor(fields: ScheduleFields, clock: WallClock) {
    this.#fields = fields;
    this.clock = clock;
  }

  /** Moves on to a match; false when a unit ran over and the search must begin with the month again. */
  settle(): boolean {
    return (
      this.#settleMonth() &&
      this.#settleDay() &&
      this.#settleHour() &&
      this.#settleMinute() &&
      this.#settleSecond()
    );
  }

  #settleMonth(): boolean {
    const { clock } = this;
    while (!this.#fields.month.matches[clock.month]) {
      if (!this.#moved) clock.set(clock.year, clock.month, 1, 0);
      this.#moved = true;
      clock.addMonth();
      if (clock.month === 1) return false;
    }
    return true;
  }

  #settleDay(): boolean {
    const { clock } = this;
    while (!this.#dayMatches()) {
      if (!this.#moved) clock.set(clock.year, clock.month, clock.day, 0);
      this.#moved = true;
      clock.addDay();
      // Where a clock change took midnight away, the day begins at one, or the step ended at eleven the evening before.
      if (clock.hour > 12) clock.addSeconds((24 - clock.hour) * 3600);
      else if (clock.hour > 0) clock.addSeconds(-clock.hour * 3600);
      if (clock.day === 1) return false;
    }
    return true;
  }

  #dayMatches(): boolean {
    const { dayOfMonth, dayOfWeek } = this.#fields;
    const byMonth = dayOfMonth.matches[this.clock.day] ?? false;
    const byWeek = dayOfWeek.matches[this.clock.weekday] ?? false;
    return dayOfMonth.star || dayOfWeek.star ? byMonth && byWeek : byMonth || byWeek;
  }

  #settleHour(): boolean {
    const { clock } = this;
    while (!this.#fields.hour.matches[clock.hour]) {
      if (!this.#moved) clock.set(clock.year, clock.month, clock.day, clock.hour);
      this.#moved = true;
      clock.addSeconds(3600);
      if (clock.hour === 0) return false;
    }
    return true;
  }

  #settleMinute(): boolean {
    const { clock } = this;
    while (!this.#fields.minute.matches[clock.minute]) {
      // Whole minutes of UTC, even where a zone of old is some seconds away from them.
      if (!this.#moved) clock.addSeconds(-(((clock.instant % 60) + 60) % 60));
      this.#moved = true;
      clock.addSeconds(60);
      if (clock.minute === 0) return false;
    }
    return true;
  }

  #settleSecond(): boolean {
    const { clock } = this;
    if (clock.second === 0) return true;
    this.#moved = true;
    // Where a zone of old left its seconds behind within this minute, one step does not get there.
    while (clock.second !== 0) clock.addSeconds(60 - clock.second);
    return false;
  }
}
