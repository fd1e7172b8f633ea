/**
 * The errors that the API answers: one class, a constructor and a predicate for each reason, worded as
 * k8s.io/apimachinery/pkg/api/errors words them. Nobody compares messages; predicates compare reasons.
 */

import type { FieldError } from './field-error.ts';
import { goQuote } from './go-text.ts';
import type { StatusCause, StatusDetails } from './meta/types.ts';
import { messageOf } from './thrown.ts';

/** A `Status` object of meta/v1, as it goes over the wire. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** An answer other than success: carries the whole `Status` that the client gets. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  /** HTTP status code. */
  get code(): number {
    return this.status.code;
  }

  /** Machine-readable reason such as `NotFound`; empty when there is none. */
  get reason(): string {
    return this.status.reason ?? '';
  }

  /** The error for a `Status` that a server sent. */
  static from(status: Partial<Status>): StatusError {
    return new StatusError(
      status.code ?? 500,
      status.reason ?? '',
      status.message ?? 'unknown error',
      status.details,
    );
  }
}

/** Group and resource as error messages name them: `pods`, `jobs.batch`. */
export function qualified(group: string, resource: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function details(group: string, kind: string, name: string, more?: Partial<StatusDetails>): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
    ...more,
  };
}

/** An object that is still to be named has no name, whatever its type says. */
function quotedName(name: string | undefined): string {
  return goQuote(name ?? '');
}

/** 404: no object of that name. */
export function newNotFound(group: string, resource: string, name: string): StatusError {
  const message = `${qualified(group, resource)} ${quotedName(name)} not found`;
  return new StatusError(404, 'NotFound', message, details(group, resource, name));
}

/** 409: an object of that name exists. */
export function newAlreadyExists(group: string, resource: string, name: string): StatusError {
  const message = `${qualified(group, resource)} ${quotedName(name)} already exists`;
  return new StatusError(409, 'AlreadyExists', message, details(group, resource, name));
}

/** 409: the server drew names and found none that is free; come back after `retryAfterSeconds`. */
export function newGenerateNameConflict(
  group: string,
  resource: string,
  name: string,
  retryAfterSeconds: number,
): StatusError {
  const message = `${qualified(group, resource)} ${quotedName(name)} already exists, the server was not able to generate a unique name for the object`;
  return new StatusError(409, 'AlreadyExists', message, {
    ...details(group, resource, name),
    retryAfterSeconds,
  });
}

/** 409: the object has changed since the caller read it, or another rule of concurrency is broken. */
export function newConflict(group: string, resource: string, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(group, resource)} ${quotedName(name)}: ${why}`;
  return new StatusError(409, 'Conflict', message, details(group, resource, name));
}

/** What {@link newConflict} says when a resourceVersion is stale. */
export const STALE_OBJECT =
  'the object has been modified; please apply your changes to the latest version and try again';

/** 403: refused by authorization or by a rule of admission. */
export function newForbidden(group: string, resource: string, name: string, why: string): StatusError {
  const what = name === '' ? qualified(group, resource) : `${qualified(group, resource)} ${quotedName(name)}`;
  const message = resource === '' ? `forbidden: ${why}` : `${what} is forbidden: ${why}`;
  return new StatusError(403, 'Forbidden', message, details(group, resource, name));
}

/** 401: no valid credentials. */
export function newUnauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

/** 400: the request makes no sense. */
export function newBadRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/**
 * Letters after which an answer names no more broken rules but counts them. Upstream has no such bound: there, 5,000 owners
 * that each say they are the controller make an answer of gigabytes.
 */
const INVALID_LETTERS_MAX = 256 * 1024;

/** 422: the object breaks validation; each field error becomes a cause. */
export function newInvalid(
  group: string,
  kind: string,
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const causes: StatusCause[] = [];
  const lines = new Set<string>();
  let letters = 0;
  for (const error of errors) {
    if (letters > INVALID_LETTERS_MAX) {
      lines.add(`and ${errors.length - causes.length} more`);
      break;
    }
    const message = error.body();
    causes.push({ reason: error.type, message, field: error.field });
    lines.add(`${error.field}: ${message}`);
    letters += message.length + error.field.length;
  }
  const texts = [...lines];
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const message = `${qualified(group, kind)} ${quotedName(name)} is invalid${texts.length === 0 ? '' : `: ${joined}`}`;
  return new StatusError(422, 'Invalid', message, {
    ...details(group, kind, name),
    ...(causes.length === 0 ? {} : { causes }),
  });
}

/** 405: the resource is there but not this verb. */
export function newMethodNotSupported(group: string, resource: string, verb: string): StatusError {
  const message = `${verb} is not supported on resources of kind "${qualified(group, resource)}"`;
  return new StatusError(405, 'MethodNotAllowed', message, details(group, resource, ''));
}

/** 410: the resource version or the continue token is too old to go on from. */
export function newExpired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

/** 429: come back after `retryAfterSeconds`. */
export function newTooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds });
}

/** 500: a fault of ours that the client may see. */
export function newInternalError(error: unknown): StatusError {
  const text = messageOf(error);
  const message = `Internal error occurred: ${text}`;
  return new StatusError(500, 'InternalError', message, { causes: [{ message: text }] });
}

/** 503: not able to answer now. */
export function newServiceUnavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message);
}

/** The reason of any thrown value, empty for what is no {@link StatusError}. */
export function reasonOf(error: unknown): string {
  return error instanceof StatusError ? error.reason : '';
}

/** Whether the answer was 404 NotFound. */
export const isNotFound = (error: unknown): boolean => reasonOf(error) === 'NotFound';
/** Whether the same request may be answered otherwise in a moment: the server was busy, failed, could not be reached, or somebody else was faster. */
export const isPassing = (error: unknown): boolean =>
  error instanceof StatusError && (error.code >= 500 || error.code === 429 || error.code === 409);
/** Whether the answer was 401 Unauthorized. */
export const isUnauthorized = (error: unknown): boolean => reasonOf(error) === 'Unauthorized';
/** Whether the answer was 403 Forbidden. */
export const isForbidden = (error: unknown): boolean => reasonOf(error) === 'Forbidden';
/** Whether the answer was 409 AlreadyExists. */
export const isAlreadyExists = (error: unknown): boolean => reasonOf(error) === 'AlreadyExists';
/** Whether the answer was 409 Conflict. */
export const isConflict = (error: unknown): boolean => reasonOf(error) === 'Conflict';
/** Whether the answer was 410: Expired, or Gone from an older server. */
export const isExpired = (error: unknown): boolean => ['Expired', 'Gone'].includes(reasonOf(error));
/** Whether the answer was 429 TooManyRequests. */
export const isTooManyRequests = (error: unknown): boolean => reasonOf(error) === 'TooManyRequests';

/** Whether a creation was refused since its namespace is being deleted, and takes whatever it has with it. */
export function isNamespaceTerminating(error: unknown): boolean {
  const causes = error instanceof StatusError ? error.status.details?.causes : undefined;
  return causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}
