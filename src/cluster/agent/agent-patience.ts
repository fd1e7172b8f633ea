/** A connection that broke is noticed sooner than by client-go: until then, what was replaced here goes on. Milliseconds. */
export const PATIENCE = { pingEveryMs: 10_000, pingAnswerMs: 5_000, connectMs: 5_000 };
/** Milliseconds between two tries to reach the server for the first time. */
export const JOIN_RETRY_MS = 2_000;
