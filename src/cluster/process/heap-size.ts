/**
 * Fits the heap of a lasting server to what it does. At work it has a large nursery: most of what a write makes is garbage
 * within milliseconds, and a small nursery takes much of that for something that stays. Idle, it gives back what the work,
 * or the start, needed: a server that waits for the night's Jobs shares its machine with others.
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, Timer } from '../../apimachinery/clock.ts';
import { giveBackPages } from './resident-pages.ts';

/** V8's collector, as `--expose-gc` offers it. */
type Collector = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** Milliseconds between two looks at how busy the process is. */
const LOOK_MS = 2_000;
/** Share of the time between two looks up to which the process counts as idle, and from which on as busy. */
const IDLE_SHARE_MAX = 0.05;
const BUSY_SHARE_MIN = 0.2;
/** Megabytes that V8 gives each half of the nursery at least: a server's at work, an agent's, and either's while it idles.
 * The first two are what bin/longshore.js starts with. */
const NURSERY_MB = { server: 16, agent: 1, idle: 1 } as const;
/**
 * Looks after which an idle process gives back what has gathered meanwhile: ten minutes. Sooner only when it has grown by so
 * many bytes, for collecting everything costs as much as minutes of idling, and a little work each minute is no reason.
 */
const LOOKS_BETWEEN = 300;
const GROWTH_BYTES = 24 * 2 ** 20;

/**
 * Looks after the heap from now on, until cancelled. The first time that the process is found idle comes soon after its
 * start; collecting takes some tens of milliseconds then, which a server at work could not spare.
 */
export function fitHeapToWork(clock: Clock, role: 'server' | 'agent'): Timer {
  let busy = true;
  let looks = LOOKS_BETWEEN;
  let resident = 0;
  let before = performance.eventLoopUtilization();
  let timer: Timer;
  const look = (): void => {
    const { utilization } = performance.eventLoopUtilization(before);
    const isIdle = utilization <= IDLE_SHARE_MAX;
    looks += 1;
    if (busy && isIdle) {
      busy = false;
      setFlagsFromString(`--min-semi-space-size=${NURSERY_MB.idle}`);
    }
    if (isIdle && (looks >= LOOKS_BETWEEN || process.memoryUsage.rss() > resident + GROWTH_BYTES)) {
      giveBack();
      looks = 0;
      resident = process.memoryUsage.rss();
    } else if (!busy && utilization >= BUSY_SHARE_MIN) {
      busy = true;
      setFlagsFromString(`--min-semi-space-size=${NURSERY_MB[role]}`);
    }
    before = performance.eventLoopUtilization();
    timer = clock.after(LOOK_MS, look, { background: true });
  };
  timer = clock.after(LOOK_MS, look, { background: true });
  return { cancel: () => timer.cancel() };
}

/** Collects all garbage, and returns to the system what is not in use. */
function giveBack(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collector;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  giveBackPages();
}
