import { newBadRequest, StatusError } from '../../apimachinery/status-error.ts';

/** Reads a resourceVersion parameter: 0 for "any" and for absent; throws as upstream does for what is no number. */
export function parseResourceVersion(text: string): number {
  if (text === '' || text === '0') return 0;
  if (/^\d+$/.test(text)) {
    const revision = Number(text);
    if (Number.isSafeInteger(revision)) return revision;
  }
  const quoted = JSON.stringify(text);
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  const detail = `strconv.ParseUint: parsing ${quoted}: ${why}`;
  throw new StatusError(500, '', `resourceVersion: Invalid value: ${quoted}: ${detail}`);
}

/** The same, thrown as upstream's store throws it where no watch cache stands before it. */
function parseUncachedResourceVersion(text: string): number {
  try {
    return parseResourceVersion(text);
  } catch (error) {
    throw newBadRequest(`invalid resource version: ${(error as StatusError).message}`);
  }
}

/** Refuses a read that wants a state at least as new as `text` says when the store is not there yet. */
export function requireReached(text: string, current: number, uncached = false): void {
  const asked = uncached ? parseUncachedResourceVersion(text) : parseResourceVersion(text);
  if (asked > current) throw newTooLargeResourceVersion(asked, current);
}

/** 504: the client has seen a revision that this server has not reached. */
export function newTooLargeResourceVersion(asked: number, current: number): StatusError {
  return new StatusError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${asked}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}
