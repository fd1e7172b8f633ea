/** Checks of texts such as `1,3-5` that users write or that another controller reports. */

/** Two positions of a text; `last` is `first` for a single index. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/** The outcome of a check: how many indexes the text names, or what is wrong with it. */
export type IndexTextCheck = { readonly count: number } | { readonly wrong: string };

/** Checks that the text names indexes below `completions` in increasing order. The empty text names none. */
export function checkIndexText(text: string, completions: number): IndexTextCheck {
  if (text === '') return { count: 0 };
  let count = 0;
  let previous: number | undefined;
  for (const part of text.split(',')) {
    const interval = readInterval(part, completions);
    if (typeof interval === 'string') return { wrong: interval };
    if (previous !== undefined && previous >= interval.first) {
      return { wrong: `non-increasing order, previous: ${previous}, current: ${interval.first}` };
    }
    count += interval.last - interval.first + 1;
    previous = interval.last;
  }
  return { count };
}

/** The first index that both texts name, if there is one. Parts that are malformed are left out. */
export function firstCommonIndex(completed: string, failed: string, completions: number): number | undefined {
  const [ours, theirs] = [readIntervals(completed, completions), readIntervals(failed, completions)];
  for (let at = 0, other = 0; at < ours.length && other < theirs.length; ) {
    const [left, right] = [ours[at] as Interval, theirs[other] as Interval];
    if (left.first <= right.last && right.first <= left.last) return Math.max(left.first, right.first);
    if (left.first <= right.first) at++;
    else other++;
  }
  return undefined;
}

function readIntervals(text: string, completions: number): Interval[] {
  if (text === '') return [];
  return text
    .split(',')
    .map((part) => readInterval(part, completions))
    .filter((each) => typeof each !== 'string');
}

/** Reads `a` or `a-b`, or says what is wrong with it. */
function readInterval(part: string, completions: number): Interval | string {
  const ends = part.split('-');
  if (ends.length > 2) {
    return `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  const first = readIndex(ends[0] ?? '', completions);
  if (typeof first === 'string') return first;
  if (ends.length === 1) return { first, last: first };
  const last = readIndex(ends[1] ?? '', completions);
  if (typeof last === 'string') return last;
  return first >= last ? `non-increasing order, previous: ${first}, current: ${last}` : { first, last };
}

/** Beyond so many digits a number is out of the range of Go's `int` or next to it. */
const DIGITS_MAX = 18;

function readIndex(text: string, completions: number): number | string {
  const digits = /^\+?(\d+)$/.exec(text)?.[1];
  if (digits === undefined || digits.replace(/^0+/, '').length > DIGITS_MAX) {
    return `cannot convert string to integer for index: ${JSON.stringify(text)}`;
  }
  return Number(digits) >= completions ? `too large index: ${JSON.stringify(text)}` : Number(digits);
}
