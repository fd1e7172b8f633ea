/** A span in which a zone's offset does not change: from `start` up to but without `end`, seconds since 1970. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Seconds east of UTC. */
  readonly offset: number;
}

/** What knows a zone's spans. */
export interface ZoneRules {
  /** The span around an instant, seconds since 1970. */
  spanAt(instant: number): Span;
}
