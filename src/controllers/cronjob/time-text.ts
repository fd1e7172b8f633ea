/** Times as the CronJob controller writes them. Pure but for the machine's time zone data. */
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { TimeZone } from '../../apis/batch/index.ts';

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A wall time (milliseconds) in UTC as Go's RFC1123Z has it: `Mon, 02 Jan 2006 15:04:05 +0000`. */
export function formatRfc1123(time: number): string {
  const [date = '', clock = ''] = rfc3339(time).slice(0, 19).split('T');
  const [year, month, day] = date.split('-');
  // The epoch was a Thursday.
  const weekday = DAYS[((Math.floor(time / 86_400_000) % 7) + 7) % 7];
  return `${weekday}, ${day} ${MONTHS[Number(month) - 1]} ${year} ${clock} +0000`;
}

/** A wall time (milliseconds) as RFC 3339 in a zone: `2026-03-29T02:00:00+02:00`, and `Z` for UTC. */
export function formatInZone(time: number, zone: TimeZone): string {
  const offset = zone.offsetAt(Math.floor(time / 1000));
  const local = rfc3339(time + offset * 1000).slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const minutes = Math.floor(Math.abs(offset) / 60);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
