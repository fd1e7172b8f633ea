/** Accounts for every time of every CronJob that brought no run: each is counted and told of once, with its own reason. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { CronJob, TimeZone } from '../../apis/batch/index.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { Decision } from './decide.ts';
import { dueInAll, dueSince, lastTimeOf } from './due.ts';
import { COUNTED_MAX, type MissReason, type Note } from './events.ts';
import {
  addMissed,
  emptyAccount,
  formatAccount,
  MISSED_ANNOTATION,
  type MissedAccount,
  parseAccount,
  tellRest,
  tellWhenDue,
  untilTold,
} from './missed-account.ts';
import { type Timetable, timetableOf } from './timetable.ts';

/** What a look at a CronJob brought. */
export interface MissedReport {
  readonly notes: readonly Note[];
  /** When to look again, in milliseconds, so that times do not wait for too long to be told of. */
  readonly againMs?: number;
}

/** See the file's head. The accounts are in memory, and on the CronJob where its status alone would not tell. */
export class MissedTimes {
  readonly #watch: ClockWatch;
  readonly #localZone: TimeZone;
  /** By uid; only of CronJobs that have missed something since their last run. */
  readonly #accounts = new Map<string, MissedAccount>();
  /** CronJobs (by uid) whose last attempt to create a Job failed. */
  readonly #failing = new Set<string>();
  readonly #counts = new Map<MissReason, number>();

  constructor(watch: ClockWatch, localZone: TimeZone) {
    this.#watch = watch;
    this.#localZone = localZone;
  }

  /** Missed runs so far, for that reason. */
  count(reason: MissReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** Counts runs that were missed. */
  add(reason: MissReason, runs: number): void {
    this.#counts.set(reason, this.count(reason) + runs);
  }

  /** Accounts for the times that came due since the last look, given the decision for now. */
  report(cronJob: DeepReadonly<CronJob>, decision: Decision, now: number): MissedReport {
    const { uid } = cronJob.metadata;
    const last = lastTimeOf(cronJob);
    let account = this.#accountOf(cronJob, now);
    const told: Note[] = [];
    const keep = (telling: { account: MissedAccount; notes: readonly Note[] }): void => {
      account = telling.account;
      told.push(...telling.notes);
    };
    for (const missed of this.#missedSince(cronJob, Math.max(account.until, last), decision, now)) {
      this.add(missed.reason, missed.count);
      keep(addMissed(account, missed, now));
    }
    // A run ends the streak.
    const ends = decision.run === true || account.until <= last;
    keep(ends ? tellRest(account, now) : tellWhenDue(account, now));
    if (account.until <= last) this.#accounts.delete(uid);
    else this.#accounts.set(uid, account);
    return { notes: told, ...(account.untold === 0 ? {} : { againMs: untilTold(account, now) }) };
  }

  /**
   * What is to be stored in the annotation `longshore.dev/missed`, or undefined when that can stay as it is: a time that
   * ran is in the status, and that a suspended CronJob misses its times needs no saying until it has been told.
   */
  toStore(cronJob: DeepReadonly<CronJob>): string | undefined {
    const { uid, annotations } = cronJob.metadata;
    const account = this.#accounts.get(uid);
    if (account === undefined || account.until <= lastTimeOf(cronJob)) return undefined;
    if (account.reason === undefined || (account.reason === 'suspended' && account.untold > 0))
      return undefined;
    const text = formatAccount(account);
    return annotations?.[MISSED_ANNOTATION] === text ? undefined : text;
  }

  /** The times have changed: what the new ones would have brought before now was never due. Tells what was missed before. */
  changed(cronJob: DeepReadonly<CronJob>, now: number): readonly Note[] {
    const { notes } = tellRest(this.#accountOf(cronJob, now), now);
    this.#accounts.set(cronJob.metadata.uid, emptyAccount(now));
    return notes;
  }

  /** Whether the last attempt to create a Job of that CronJob failed. */
  failing(uid: string, fails: boolean): void {
    if (fails) this.#failing.add(uid);
    else this.#failing.delete(uid);
  }

  /** Forgets a CronJob that is gone. */
  forget(uid: string): void {
    this.#accounts.delete(uid);
    this.#failing.delete(uid);
  }

  #accountOf({ metadata }: DeepReadonly<CronJob>, now: number): MissedAccount {
    return (
      this.#accounts.get(metadata.uid) ??
      parseAccount(metadata.annotations?.[MISSED_ANNOTATION], now) ??
      emptyAccount(Number.NEGATIVE_INFINITY)
    );
  }

  /** The times after `from` that have come due and brought no run, grouped by reason, oldest first. */
  #missedSince(
    cronJob: DeepReadonly<CronJob>,
    from: number,
    decision: Decision,
    now: number,
  ): readonly { reason: MissReason; count: number; until: number }[] {
    let timetable: Timetable;
    let latest: number | undefined;
    try {
      timetable = timetableOf(cronJob, this.#localZone);
      ({ latest } = dueInAll(cronJob, timetable, now));
    } catch {
      // A schedule or zone that makes no sense has no times; the decision says so.
      return [];
    }
    latest = Math.max(latest ?? from, decision.time ?? from);
    const groups: { reason: MissReason; count: number; until: number }[] = [];
    let walked = 0;
    for (let time = timetable.next(from); time !== undefined && time <= latest; time = timetable.next(time)) {
      if (time === decision.time && decision.missed === undefined) continue;
      const reason = this.#reasonOf(cronJob, time, time === latest, decision);
      const group = groups.at(-1);
      if (group?.reason === reason) Object.assign(group, { count: group.count + 1, until: time });
      else groups.push({ reason, count: 1, until: time });
      walked += 1;
      if (walked < COUNTED_MAX) continue;
      // So many are not looked at one by one; their number is estimated as Kubernetes does.
      const { count } = dueSince(from, timetable, now);
      const until = decision.time === undefined || decision.missed !== undefined ? latest : decision.time - 1;
      return [{ reason, count: Math.max(count - 1, walked), until }];
    }
    return groups;
  }

  #reasonOf(
    { metadata: { uid }, spec }: DeepReadonly<CronJob>,
    time: number,
    isLatest: boolean,
    decision: Decision,
  ): MissReason {
    if (time === decision.time && decision.missed !== undefined) return decision.missed;
    if (spec.suspend === true) return 'suspended';
    // Without its deadline the latest time would run now, however long nobody was there.
    if (isLatest && decision.time === undefined && spec.startingDeadlineSeconds !== undefined)
      return 'deadline';
    if (!this.#watch.watched(time)) return 'down';
    return this.#failing.has(uid) ? 'notCreated' : 'late';
  }
}
