/**
 * How an agent's connection to the server is watched, in milliseconds. It notices a break sooner than client-go does: pods that were
 * replaced meanwhile run twice until then.
 */
export const PATIENCE = { pingEveryMs: 10_000, pingAnswerMs: 5_000, connectMs: 5_000 };
/** Milliseconds between two tries to reach the server for the first time. */
export const JOIN_RETRY_MS = 2_000;
