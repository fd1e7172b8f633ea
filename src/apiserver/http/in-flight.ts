import { StatusError } from '../../apimachinery/status-error.ts';

/** Requests that may be under way at once, watches apart: beyond it memory would go before time does. */
export const REQUESTS_IN_FLIGHT_MAX = 1_000;
/** Open watches at once: each holds a connection or stream and a queue. */
export const WATCHES_MAX = 10_000;
/** Milliseconds that a request other than a watch may take, upstream's. */
export const REQUEST_TIME_MS_MAX = 60_000;

/** 504: the answer did not come in time. */
export function newRequestTimeout(): StatusError {
  return new StatusError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {});
}
