/**
 * Remembers up to which time each CronJob's times have been accounted for, so that every time that brought no run is told
 * of once. The memory ends with the process; what came due before it is then told of as missed while nobody was there.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { CronJob, TimeZone } from '../../apis/batch/index.ts';
import type { Decision } from './decide.ts';
import { dueInAll } from './due.ts';
import { type MissReason, type Note, notes } from './events.ts';
import { timetableOf } from './timetable.ts';

/** Missed times that are counted one by one; of more, so many are told. */
const COUNTED_MAX = 1_000;

/** See the file's head. */
export class MissedTimes {
  readonly #noted = new Map<string, number>();
  readonly #localZone: TimeZone;
  readonly #counts = new Map<MissReason, number>();

  constructor(localZone: TimeZone) {
    this.#localZone = localZone;
  }

  /** Missed runs told of so far, for that reason. */
  count(reason: MissReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** Counts runs that were missed. */
  add(reason: MissReason, runs: number): void {
    this.#counts.set(reason, this.count(reason) + runs);
  }

  /** What to tell about times that brought no run, given the decision for now. */
  note(cronJob: DeepReadonly<CronJob>, decision: Decision, now: number): readonly Note[] {
    const { uid, creationTimestamp } = cronJob.metadata;
    const last = Date.parse(cronJob.status?.lastScheduleTime ?? creationTimestamp);
    const from = Math.max(this.#noted.get(uid) ?? last, last);
    let latest: number | undefined;
    const told: Note[] = [];
    try {
      const timetable = timetableOf(cronJob, this.#localZone);
      ({ latest } = dueInAll(cronJob, timetable, now));
      if (latest === undefined || latest <= from) return [];
      let [count, lastMissed] = [0, from];
      for (
        let time = timetable.next(from);
        time !== undefined && time <= latest;
        time = timetable.next(time)
      ) {
        if (time !== decision.time) [count, lastMissed] = [count + 1, time];
        if (count >= COUNTED_MAX) break;
      }
      if (count > 0) {
        told.push(notes.missed(lastMissed, 'down', count));
        this.add('down', count);
      }
    } catch {
      // A schedule or zone that makes no sense has no times; the decision says so.
      return [];
    }
    if (decision.missed !== undefined && decision.time !== undefined && decision.time > from) {
      told.push(notes.missed(decision.time, decision.missed, 1));
      this.add(decision.missed, 1);
    }
    this.#noted.set(uid, latest);
    return told;
  }

  /** Forgets a CronJob that is gone. */
  forget(uid: string): void {
    this.#noted.delete(uid);
  }
}
