/** Times as a zone's clocks show them. Pure but for the machine's time zone data. */
import { rfc3339 } from '../../../apimachinery/clock.ts';
import type { TimeZone } from './time-zone.ts';

/** A wall time (milliseconds) as RFC 3339 in a zone: `2026-03-29T02:00:00+02:00`, and `Z` for UTC. */
export function formatInZone(time: number, zone: TimeZone): string {
  const offset = zone.offsetAt(Math.floor(time / 1000));
  const local = rfc3339(time + offset * 1000).slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const minutes = Math.floor(Math.abs(offset) / 60);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
