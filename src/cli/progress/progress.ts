/**
 * What `run` shows while it waits: log lines as they come and, for each Job, one line of progress. On a terminal the
 * progress lines stay at the bottom and are redrawn in place; elsewhere a line is printed whenever it changed, at most
 * once a second for each Job.
 */
import type { Clock, Timer } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Job } from '../../apis/batch/types.ts';
import { describeJob, elapsedText, endOf } from '../wording/job-state.ts';
import type { Screen } from './screen.ts';

/** Redraws a second on a terminal: enough to look alive. */
const REDRAW_INTERVAL_MS = 100;

/** Least time between two plain lines about one Job, milliseconds. */
const PLAIN_INTERVAL_MS = 1000;

/** When a Job started and ended, for its elapsed time; `now` while it runs. */
function elapsedOf(job: DeepReadonly<Job>, now: number): number {
  const start = Date.parse(job.status.startTime ?? job.metadata.creationTimestamp);
  const ended = job.status.conditions?.find((condition) => condition.type === endOf(job))?.lastTransitionTime;
  return (ended === undefined ? now : Date.parse(ended)) - start;
}

interface Line {
  readonly job: DeepReadonly<Job>;
  readonly waiting?: string | undefined;
}

/** The display itself. `close` draws the last state and leaves the cursor below it. */
export class Progress {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #lines = new Map<string, Line>();
  readonly #printed = new Map<string, { readonly text: string; readonly at: number }>();
  #drawn = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(screen: Screen, clock: Clock) {
    this.#screen = screen;
    this.#clock = clock;
  }

  /** Takes in a Job's new state; `waiting` says what it waits for (no node fits, an image that cannot be pulled). */
  update(job: DeepReadonly<Job>, waiting?: string): void {
    this.#lines.set(job.metadata.uid, { job, waiting });
    this.#arm(this.#screen.isTerminal ? REDRAW_INTERVAL_MS : 0);
  }

  /** Prints one line above the progress lines. */
  print(line: string): void {
    this.#erase();
    this.#screen.write(`${line}\n`);
    if (this.#screen.isTerminal && !this.#closed) this.#draw();
  }

  /** Draws the last state and ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    if (this.#screen.isTerminal) this.#draw();
    else this.#printChanged(true);
  }

  #arm(delayMs: number): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = this.#clock.after(
      delayMs,
      () => {
        this.#timer = undefined;
        if (this.#screen.isTerminal) {
          this.#draw();
          this.#arm(REDRAW_INTERVAL_MS); // The elapsed times go on even when nothing else changes.
        } else if (this.#printChanged(false)) this.#arm(PLAIN_INTERVAL_MS);
      },
      { background: true },
    );
  }

  #draw(): void {
    this.#erase();
    for (const { job, waiting } of this.#lines.values()) {
      const text = `${describeJob(job, waiting)}, ${elapsedText(elapsedOf(job, this.#clock.now()))}`;
      this.#screen.write(`${text.slice(0, Math.max(20, this.#screen.columns - 1))}\n`);
    }
    this.#drawn = this.#lines.size;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#screen.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }

  /** Prints the lines that changed; answers whether one had to wait for its turn. */
  #printChanged(all: boolean): boolean {
    const now = this.#clock.monotonic();
    let postponed = false;
    for (const [uid, { job, waiting }] of this.#lines) {
      const text = describeJob(job, waiting);
      const last = this.#printed.get(uid);
      if (last?.text === text) continue;
      if (!all && endOf(job) === undefined && last !== undefined && now - last.at < PLAIN_INTERVAL_MS) {
        postponed = true;
        continue;
      }
      this.#printed.set(uid, { text, at: now });
      this.#screen.write(`${text}, ${elapsedText(elapsedOf(job, this.#clock.now()))}\n`);
    }
    return postponed;
  }
}
