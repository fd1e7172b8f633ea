/** How long a container that keeps ending waits before it runs again. Source: the kubelet's CrashLoopBackOff. */
import type { ContainerRecord } from './pod-view.ts';

/** First wait in milliseconds; before it, one restart is free. */
const FIRST_MS = 10_000;
/** Longest wait in milliseconds. */
const LONGEST_MS = 300_000;
/** A container that ran this long (milliseconds) starts over with the first wait. */
const FORGIVEN_AFTER_MS = 2 * LONGEST_MS;

/**
 * Whether the time that was waited for has come. A time further ahead than any wait is long means that the clock was set
 * back meanwhile: then the wait is over too, rather than as long as the clock was wrong.
 */
export function isDue(at: number, now: number): boolean {
  return at <= now || at - now > LONGEST_MS;
}

/**
 * The wall time before which an ended container is not started again. One that was ended only for it waits for nothing, unless
 * the run before ended so lately that it would have to wait for that (as upstream, which starts it in the step that ends it).
 */
export function restartTime(record: ContainerRecord): number {
  const { run, backoffMs, renewing, previous } = record;
  if (run?.state !== 'exited') return 0;
  const endedAt = record.endedAt ?? run.finishedAt;
  const before = previous?.finishedAt === undefined ? undefined : Date.parse(previous.finishedAt);
  const waits = renewing !== true || (before !== undefined && endedAt - before < backoffMs);
  return waits ? endedAt + backoffMs : 0;
}

/** Notes that a container is started again now: its next end has to wait longer. */
export function countRestart(record: ContainerRecord, now: number): void {
  const endedAt = record.endedAt ?? record.run?.finishedAt ?? now;
  const forgiven = record.backoffMs === 0 || endedAt - record.backoffAt > FORGIVEN_AFTER_MS;
  record.backoffMs = nextWait(forgiven ? 0 : record.backoffMs);
  record.backoffAt = now;
}

/** The wait of a container that was found with so many restarts behind it. */
export function waitAfterRestarts(restarts: number): number {
  return restarts === 0 ? 0 : Math.min(FIRST_MS * 2 ** Math.min(restarts - 1, 10), LONGEST_MS);
}

/** The wait after one of `milliseconds`; also how pulls of an image that cannot be had are spaced. */
export function nextWait(milliseconds: number): number {
  return milliseconds === 0 ? FIRST_MS : Math.min(milliseconds * 2, LONGEST_MS);
}
