/** Turns an HTTP answer that is no success, or no answer at all, into the StatusError that callers know. */
import { type Status, StatusError } from '../../apimachinery/status-error.ts';

/** Reasons by HTTP status code, for an answer whose body is no Status (a proxy's, say). */
const REASONS: ReadonlyMap<number, string> = new Map([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
  [406, 'NotAcceptable'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [413, 'RequestEntityTooLarge'],
  [415, 'UnsupportedMediaType'],
  [422, 'Invalid'],
  [429, 'TooManyRequests'],
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
  [504, 'Timeout'],
]);

/** Characters of a foreign answer's body that an error message repeats. */
const BODY_SHOWN_CHARACTERS = 200;

/** The error of an answer with that status code and body; `retryAfter` is the header of that name. */
export function errorOfAnswer(code: number, body: string, retryAfter: string | undefined): StatusError {
  const status = statusIn(body);
  const seconds = Number(retryAfter);
  if (status !== undefined) {
    const error = StatusError.from({ ...status, code: status.code ?? code });
    if (seconds > 0) {
      error.status.details = { ...error.status.details, retryAfterSeconds: seconds };
    }
    return error;
  }
  const shown = body.trim().slice(0, BODY_SHOWN_CHARACTERS);
  const message = `the server answered HTTP ${code}${shown === '' ? '' : `: ${shown}`}`;
  return new StatusError(
    code,
    REASONS.get(code) ?? 'Unknown',
    message,
    seconds > 0 ? { retryAfterSeconds: seconds } : undefined,
  );
}

function statusIn(body: string): Partial<Status> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || (parsed as Status).kind !== 'Status')
      return undefined;
    return parsed as Partial<Status>;
  } catch {
    return undefined;
  }
}

/** 503: the server could not be reached, or the connection broke; a write may or may not have been carried out. */
export function connectionError(server: string, cause: unknown): StatusError {
  const root = rootOf(cause);
  const text = root instanceof Error ? root.message || root.name : String(root);
  const error = new StatusError(503, 'ServiceUnavailable', `connection to ${server} failed: ${text}`);
  error.cause = cause;
  return error;
}

/** What began it: HTTP/2 wraps a refused connection into an error of the stream. */
function rootOf(cause: unknown): unknown {
  return cause instanceof Error && cause.cause instanceof Error ? rootOf(cause.cause) : cause;
}
