/** Times as the CronJob controller writes them. Pure. */
import { rfc3339 } from '../../apimachinery/clock.ts';

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
