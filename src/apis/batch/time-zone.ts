/**
 * Time zones by their IANA names, from the data that Node carries. Offsets are looked up once for each span between two
 * transitions, so that a schedule's search costs integer arithmetic alone.
 */

/** A span in which a zone's offset does not change: from `start` up to but without `end`, seconds since 1970. */
interface Span {
  readonly start: number;
  readonly end: number;
  /** Seconds east of UTC. */
  readonly offset: number;
}

/** Spans kept for each zone: two a year for a hundred years; when there are more, all are looked up anew. */
const SPANS_MAX = 200;

/** A zone's rules. */
export class TimeZone {
  readonly name: string;
  #spans: Span[] = [];
  #recent: Span | undefined;

  private constructor(name: string) {
    this.name = name;
  }

  static readonly #known = new Map<string, TimeZone>();

  /**
   * The zone of that name. Throws an Error with the text of Go's `time.LoadLocation`: names are case-sensitive, an empty
   * name is UTC, and an offset such as `+01` is no name.
   */
  static load(name: string): TimeZone {
    const known = TimeZone.#known.get(name);
    if (known !== undefined) return known;
    if (name.split(/[/\\]/).includes('..') || /^[/\\]/.test(name))
      throw new Error('time: invalid location name');
    const canonical = name === '' ? 'UTC' : name;
    if (!isZoneName(canonical)) throw new Error(`unknown time zone ${name}`);
    // Only names that exist are kept, so the map is bounded by the number of zones.
    const zone = new TimeZone(canonical);
    TimeZone.#known.set(name, zone);
    return zone;
  }

  /** Seconds east of UTC at an instant, seconds since 1970. */
  offsetAt(instant: number): number {
    return this.spanAt(instant).offset;
  }

  /** The span around an instant, seconds since 1970. */
  spanAt(instant: number): Span {
    const recent = this.#recent;
    if (recent !== undefined && instant >= recent.start && instant < recent.end) return recent;
    let span = this.#spans.find((each) => instant >= each.start && instant < each.end);
    if (span === undefined) {
      span = this.#look(instant);
      if (this.#spans.length >= SPANS_MAX) this.#spans = [];
      this.#spans.push(span);
    }
    this.#recent = span;
    return span;
  }

  #look(instant: number): Span {
    const at = Temporal.Instant.fromEpochMilliseconds(instant * 1000).toZonedDateTimeISO(this.name);
    // A transition exactly at the instant begins the span, so it is asked for from just after.
    const previous = at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
    const next = at.getTimeZoneTransition('next');
    return {
      start: previous === null ? Number.NEGATIVE_INFINITY : previous.epochMilliseconds / 1000,
      end: next === null ? Number.POSITIVE_INFINITY : next.epochMilliseconds / 1000,
      offset: Math.round(at.offsetNanoseconds / 1e9),
    };
  }
}

/** Whether a name is one of a zone as it is written in the IANA data, letter case included. */
function isZoneName(name: string): boolean {
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId === name && !/^[+-]/.test(name);
  } catch {
    return false;
  }
}
