/** An instant and how a zone's wall clock shows it, moved about as Go's `time` package does. Plain integers throughout. */
import type { TimeZone } from '../time-zone/time-zone.ts';

const DAY = 86_400;

/** Days from 1970-01-01 to a date of the Gregorian calendar; the month may be 13 and the day out of the month's range. */
function daysFromCivil(year: number, month: number, day: number): number {
  // Years are counted from March, so that the leap day is the last; 400 years have 146,097 days.
  const years = year + Math.floor((month - 1) / 12) - ((month - 1) % 12 < 2 ? 1 : 0);
  const fromMarch = (((month - 1) % 12) + 10) % 12;
  const leaps = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return 365 * years + leaps + Math.floor((153 * fromMarch + 2) / 5) + day - 1 - 719_468;
}

/** A movable wall clock. */
export class WallClock {
  readonly #zone: TimeZone;
  /** Seconds since 1970. */
  instant: number;
  year = 0;
  /** 1 to 12. */
  month = 0;
  day = 0;
  hour = 0;
  minute = 0;
  second = 0;
  /** 0 is Sunday. */
  weekday = 0;
  /** The local day that year, month and day were computed for, days since 1970. */
  #localDay = Number.NaN;

  constructor(zone: TimeZone, instant: number) {
    this.#zone = zone;
    this.instant = instant;
    this.#show();
  }

  /** Moves by real seconds. */
  addSeconds(seconds: number): void {
    this.instant += seconds;
    this.#show();
  }

  /** Goes to the beginning of an hour on this clock. A time that does not exist becomes one near it, as in Go. */
  set(year: number, month: number, day: number, hour: number): void {
    this.#goTo(daysFromCivil(year, month, day) * DAY + hour * 3600);
  }

  /** Goes to the same time of day on the first of the next month; the clock must stand on a first. */
  addMonth(): void {
    this.#goTo(daysFromCivil(this.year, this.month + 1, this.day) * DAY + this.#timeOfDay());
  }

  /**
   * Goes to the same time of day on the next day. Where a zone left that day out (Pacific/Apia had no 2011-12-30), Go's
   * arithmetic stays where it is and robfig's search never ends; here it is the day after that.
   */
  addDay(): void {
    const before = this.instant;
    const next = this.#localDay + 1;
    this.#goTo(next * DAY + this.#timeOfDay());
    if (this.instant <= before) this.#goTo((next + 1) * DAY);
  }

  #timeOfDay(): number {
    return this.hour * 3600 + this.minute * 60 + this.second;
  }

  /** Local seconds to an instant: with the offset of that number taken as UTC, corrected once. */
  #goTo(local: number): void {
    const guess = local - this.#zone.offsetAt(local);
    this.instant = local - this.#zone.offsetAt(guess);
    this.#show();
  }

  #show(): void {
    const local = this.instant + this.#zone.offsetAt(this.instant);
    const localDay = Math.floor(local / DAY);
    const rest = local - localDay * DAY;
    this.hour = Math.floor(rest / 3600);
    this.minute = Math.floor(rest / 60) % 60;
    this.second = rest % 60;
    if (localDay !== this.#localDay) this.#showDay(localDay);
  }

  #showDay(localDay: number): void {
    this.#localDay = localDay;
    this.weekday = (((localDay + 4) % 7) + 7) % 7;
    const days = localDay + 719_468;
    const era = Math.floor(days / 146_097);
    const dayOfEra = days - era * 146_097;
    const yearOfEra = Math.floor(
      (dayOfEra -
        Math.floor(dayOfEra / 1460) +
        Math.floor(dayOfEra / 36_524) -
        Math.floor(dayOfEra / 146_096)) /
        365,
    );
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
    this.day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
    this.month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
    this.year = yearOfEra + era * 400 + (this.month <= 2 ? 1 : 0);
  }
}
