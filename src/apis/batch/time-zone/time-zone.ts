/**
 * Time zones by their IANA names. Their rules come from the operating system's time zone files where it has them, as with
 * Kubernetes, so that both compute the same times on one machine; else from the data that Node carries, by Temporal.
 *
 * An offset is looked up once for each span between two clock changes, so that a schedule's search is integer arithmetic.
 */
import { readFileSync } from 'node:fs';
import type { Span, ZoneRules } from './span.ts';
import { parseZoneFile } from './zone-file.ts';

/** Where operating systems keep their zones; the places that Go's `time` package looks at. */
const ZONE_FOLDERS = [
  '/usr/share/zoneinfo',
  '/usr/share/lib/zoneinfo',
  '/usr/lib/locale/TZ',
  '/etc/zoneinfo',
];

/** Spans kept for each zone: two a year for a hundred years; when there are more, all are looked up anew. */
const SPANS_MAX = 200;

/** A zone's rules. */
export class TimeZone {
  readonly name: string;
  readonly #rules: ZoneRules;
  #spans: Span[] = [];
  #recent: Span | undefined;

  private constructor(name: string, rules: ZoneRules) {
    this.name = name;
    this.#rules = rules;
  }

  static readonly #known = new Map<string, TimeZone>();

  /**
   * The zone of that name. Throws an Error with the text of Go's `time.LoadLocation`: names are case-sensitive, an empty
   * name is UTC, and an offset such as `+01` is no name.
   */
  static load(name: string): TimeZone {
    const known = TimeZone.#known.get(name);
    if (known !== undefined) return known;
    if (name.includes('..') || /^[/\\]/.test(name)) throw new Error('time: invalid location name');
    const rules = rulesOf(name === '' ? 'UTC' : name);
    if (rules === undefined) throw new Error(isFolder(name) ? 'is a directory' : `unknown time zone ${name}`);
    // Only names that exist are kept, so the map is bounded by the number of zones.
    const zone = new TimeZone(name === '' ? 'UTC' : name, rules);
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
      span = this.#rules.spanAt(instant);
      if (this.#spans.length >= SPANS_MAX) this.#spans = [];
      this.#spans.push(span);
    }
    this.#recent = span;
    return span;
  }
}

function rulesOf(name: string): ZoneRules | undefined {
  if (name === 'UTC') return { spanAt: () => ALWAYS_UTC };
  // Where a file system does not tell small letters from capitals, Node's list of names does.
  const spelled = spelling(name);
  if (spelled !== undefined && spelled !== name) return undefined;
  return fromFiles(name) ?? (spelled === undefined ? undefined : fromTemporal(name));
}

/** Whether a name is that of a folder of zones, `America`: upstream tries to read it as a file. */
function isFolder(name: string): boolean {
  return Intl.supportedValuesOf('timeZone').some((zone) => zone.startsWith(`${name}/`));
}

const ALWAYS_UTC: Span = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, offset: 0 };

/** A name as the IANA data writes it, or undefined for one that Node does not know. */
function spelling(name: string): string | undefined {
  try {
    return new Temporal.ZonedDateTime(0n, name).timeZoneId;
  } catch {
    return undefined;
  }
}

function fromFiles(name: string): ZoneRules | undefined {
  if (name.includes('\0')) return undefined;
  for (const folder of ZONE_FOLDERS) {
    try {
      const rules = parseZoneFile(readFileSync(`${folder}/${name}`));
      if (rules !== undefined) return rules;
    } catch {
      // Not there, or a folder: the next place may have it.
    }
  }
  return undefined;
}

/** The rules of Node's own data. */
export function fromTemporal(name: string): ZoneRules {
  return {
    spanAt(instant) {
      const at = Temporal.Instant.fromEpochMilliseconds(instant * 1000).toZonedDateTimeISO(name);
      // A transition exactly at the instant begins the span, so it is asked for from just after.
      const previous = at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
      const next = at.getTimeZoneTransition('next');
      return {
        start: previous === null ? Number.NEGATIVE_INFINITY : previous.epochMilliseconds / 1000,
        end: next === null ? Number.POSITIVE_INFINITY : next.epochMilliseconds / 1000,
        offset: Math.round(at.offsetNanoseconds / 1e9),
      };
    },
  };
}
