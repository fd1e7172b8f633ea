import type { ApiRequest } from '../../apimachinery/api-request.ts';
import { parseGoDuration } from '../../apimachinery/go-duration.ts';
import { newBadRequest, StatusError } from '../../apimachinery/status-error.ts';
import { messageOf } from '../../apimachinery/thrown.ts';

/** Requests that only read and may be under way at once: beyond it memory would go before time does. */
const READ_ONLY_IN_FLIGHT_MAX = 4_000;
/**
 * Requests that change something and may be under way at once, half as many, as upstream has it. A thousand Jobs that one
 * client creates at once find room: upstream lets more than 600 wait in queues, here all wait for the same few commits.
 */
export const MUTATING_IN_FLIGHT_MAX = 2_000;
/** Open watches at once: each holds a connection or stream and a queue. */
export const WATCHES_MAX = 10_000;
/** Milliseconds that a request other than a long-running one may take, upstream's. */
const REQUEST_TIME_MS_MAX = 60_000;
/** Seconds after which a client that was turned away may come again, upstream's. */
export const RETRY_AFTER_SECONDS = 1;

/** Milliseconds that a request may take, long-running ones aside: see {@link timeoutMs}. */
export function requestTimeMs(request: ApiRequest): number {
  return isLongRunning(request) ? REQUEST_TIME_MS_MAX : timeoutMs(request.parameters?.['timeout']);
}

/**
 * What a request's parameter `timeout` says, a Go duration, in milliseconds; the limit where that is less, or nothing is said.
 * Throws 400 for what is no duration, at whatever path.
 */
export function timeoutMs(text = ''): number {
  if (text === '') return REQUEST_TIME_MS_MAX;
  let asked: number;
  try {
    asked = Number(parseGoDuration(text)) / 1_000_000;
  } catch (error) {
    const why = messageOf(error);
    throw newBadRequest(`invalid timeout specified in the request URL - ${why}`);
  }
  return asked > 0 && asked < REQUEST_TIME_MS_MAX ? asked : REQUEST_TIME_MS_MAX;
}

/** 504: the answer did not come in time. */
export function newRequestTimeout(): StatusError {
  return new StatusError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {});
}

/** Subresources whose answers go on for as long as somebody listens. */
const STREAMED: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/** Whether a request may take as long as it likes, and is no part of the requests under way: upstream's list. */
export function isLongRunning({ verb, subresource = '' }: ApiRequest): boolean {
  return verb === 'watch' || STREAMED.has(subresource);
}

/** What a request counts as. */
export type InFlightKind = 'mutating' | 'readOnly' | 'long-running';

/** Counts the requests under way, and turns those away that are too many. */
export class InFlight {
  readonly #counts = { mutating: 0, readOnly: 0, 'long-running': 0 };
  readonly #limits: { readonly mutating: number; readonly readOnly: number };
  #idle: (() => void) | undefined;

  constructor(limits = { mutating: MUTATING_IN_FLIGHT_MAX, readOnly: READ_ONLY_IN_FLIGHT_MAX }) {
    this.#limits = limits;
  }

  /** Counts one more; false, and it is not counted, when there are too many of its kind. */
  enter(kind: InFlightKind): boolean {
    if (kind !== 'long-running' && this.#counts[kind] >= this.#limits[kind]) return false;
    this.#counts[kind]++;
    return true;
  }

  /** Counts one of that kind as answered. */
  leave(kind: InFlightKind): void {
    this.#counts[kind]--;
    if (this.total === 0) this.#idle?.();
  }

  /** Requests of a kind under way. */
  count(kind: InFlightKind): number {
    return this.#counts[kind];
  }

  /** All that are under way. */
  get total(): number {
    return this.#counts.mutating + this.#counts.readOnly + this.#counts['long-running'];
  }

  /** Resolves when none is under way. */
  async drained(): Promise<void> {
    if (this.total === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }
}
