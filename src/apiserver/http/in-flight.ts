import type { ApiRequest } from '../../apimachinery/api-request.ts';
import { parseGoDuration } from '../../apimachinery/go-duration.ts';
import { newBadRequest, StatusError } from '../../apimachinery/status-error.ts';

/** Requests that may be under way at once, watches apart: beyond it memory would go before time does. */
export const REQUESTS_IN_FLIGHT_MAX = 1_000;
/** Open watches at once: each holds a connection or stream and a queue. */
export const WATCHES_MAX = 10_000;
/** Milliseconds that a request other than a watch may take, upstream's. */
const REQUEST_TIME_MS_MAX = 60_000;

/** Subresources whose answer lasts as long as the client likes. */
const LONG_RUNNING: ReadonlySet<string> = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/**
 * Milliseconds that a request may take: what its parameter `timeout` says, a Go duration, when that is less than the limit.
 * Throws 400 for what is no duration.
 */
export function requestTimeMs({ parameters, subresource }: ApiRequest): number {
  const text = parameters?.['timeout'] ?? '';
  if (text === '' || LONG_RUNNING.has(subresource ?? '')) return REQUEST_TIME_MS_MAX;
  let asked: number;
  try {
    asked = Number(parseGoDuration(text)) / 1_000_000;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw newBadRequest(`invalid timeout specified in the request URL - ${why}`);
  }
  return asked > 0 && asked < REQUEST_TIME_MS_MAX ? asked : REQUEST_TIME_MS_MAX;
}

/** 504: the answer did not come in time. */
export function newRequestTimeout(): StatusError {
  return new StatusError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {});
}
