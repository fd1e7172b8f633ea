import type { Clock } from '../../apimachinery/clock.ts';
import type { StreamSessions } from './stream-sessions.ts';

/** The connections of a server that have gone on as streams, whose code is loaded when the first comes. */
export class LateSessions {
  readonly #clock: Clock;
  #sessions: Promise<StreamSessions> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The one set of them, whoever asks. */
  open(): Promise<StreamSessions> {
    this.#sessions ??= import('./stream-sessions.ts').then(
      ({ StreamSessions }) => new StreamSessions(this.#clock),
    );
    return this.#sessions;
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    (await this.#sessions)?.stop();
  }
}
