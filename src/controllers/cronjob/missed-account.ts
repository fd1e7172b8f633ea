/**
 * Up to which time a CronJob's missed times are accounted for, and which of them nobody has been told of yet. It is kept
 * on the CronJob, so that no time is told of twice after a restart. Pure.
 *
 * The first times of a streak are told of one by one. A streak that goes on is told of once an hour, with the number of
 * times, so that a CronJob that is suspended for a year costs a server next to nothing.
 */
import { rfc3339 } from '../../apimachinery/clock.ts';
import { MISS_REASONS, type MissReason, type Note, notes } from './events.ts';

/** Annotation of a CronJob that holds its account: written by this controller, for nobody else. */
export const MISSED_ANNOTATION = 'longshore.dev/missed';

/** So many times of a streak are told of at once: fewer than the ten after which similar Events are combined. */
const TOLD_AT_ONCE_MAX = 5;
/** Milliseconds between two Events of a streak that goes on: an object may have twelve of its Events in an hour. */
const TELL_EVERY_MS = 3_600_000;

/** See the file's head. Times are wall milliseconds. */
export interface MissedAccount {
  /** All times up to here have run, or are counted here. */
  readonly until: number;
  /** Why the latest of them were missed; absent when nothing of the sort is known. */
  readonly reason?: MissReason;
  /** How many times up to `until` were missed for that reason and have not been told of. */
  readonly untold: number;
  /** Events of this streak so far. */
  readonly told: number;
  /** When the last of them was recorded. */
  readonly toldAt: number;
}

/** An account and what is to be told now. */
export interface Telling {
  readonly account: MissedAccount;
  readonly notes: readonly Note[];
}

/** An account without anything in it. */
export function emptyAccount(until: number): MissedAccount {
  return { until, untold: 0, told: 0, toldAt: 0 };
}

/** Adds so many times, the last of them `until`, that were missed for one reason. */
export function addMissed(
  account: MissedAccount,
  { reason, count, until }: { readonly reason: MissReason; readonly count: number; readonly until: number },
  now: number,
): Telling {
  const before = account.reason === reason ? undefined : tellRest(account, now);
  const streak = before === undefined ? account : { ...before.account, told: 0 };
  const grown = { ...streak, reason, until, untold: streak.untold + count };
  const { account: after, notes: told } = tellWhenDue(grown, now);
  return { account: after, notes: [...(before?.notes ?? []), ...told] };
}

/** Tells what has waited long enough. */
export function tellWhenDue(account: MissedAccount, now: number): Telling {
  const waits = account.told >= TOLD_AT_ONCE_MAX && untilTold(account, now) > 0;
  return waits ? { account, notes: [] } : tellRest(account, now);
}

/** Tells whatever has not been told of. */
export function tellRest(account: MissedAccount, now: number): Telling {
  const { reason, until, untold, told } = account;
  if (reason === undefined || untold === 0) return { account, notes: [] };
  return {
    account: { ...account, untold: 0, told: told + 1, toldAt: now },
    notes: [notes.missed(until, reason, untold)],
  };
}

/** Milliseconds until what has not been told of is due; not above zero when it is due now. */
export function untilTold({ toldAt }: MissedAccount, now: number): number {
  // After a clock was set back the last Event lies ahead; nobody waits for that.
  return toldAt > now ? 0 : toldAt + TELL_EVERY_MS - now;
}

/** The account as its annotation holds it. */
export function formatAccount({ until, reason, untold, told, toldAt }: MissedAccount): string {
  return JSON.stringify({ until: rfc3339(until), reason, untold, told, toldAt: rfc3339(toldAt) });
}

/** The account in an annotation; undefined for one that makes no sense, or that comes from a clock ahead of `now`. */
export function parseAccount(text: string | undefined, now: number): MissedAccount | undefined {
  if (text === undefined) return undefined;
  let held: unknown;
  try {
    held = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof held !== 'object' || held === null) return undefined;
  const { until, reason, untold, told, toldAt } = held as Record<string, unknown>;
  const known = MISS_REASONS.find((each) => each === reason);
  const [last, lastTold] = [timeIn(until), timeIn(toldAt)];
  if (last === undefined || last > now || known === undefined) return undefined;
  return { until: last, reason: known, untold: countIn(untold), told: countIn(told), toldAt: lastTold ?? 0 };
}

function timeIn(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function countIn(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
