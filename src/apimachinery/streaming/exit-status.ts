/** How the end of a remote process goes over the wire: the Status on the error channel of remote command protocol 4 and 5. */
import { newInternalError, type Status, StatusError } from '../status-error.ts';

/** Reason of the Status of a process that ended with another code than 0. */
const NON_ZERO_EXIT_CODE = 'NonZeroExitCode';
/** Reason of the cause that holds the code. */
const EXIT_CODE_CAUSE = 'ExitCode';

/** The part of a Status that the error channel has. */
export type ExitStatus = Partial<Omit<Status, 'status'>> & Pick<Status, 'status'>;

/** The Status of a process that ended with that code. */
export function statusOfExit(code: number): ExitStatus {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
    reason: NON_ZERO_EXIT_CODE,
    details: { causes: [{ reason: EXIT_CODE_CAUSE, message: String(code) }] },
  };
}

/** The Status of a process that could not be run: the StatusError's own, or an internal error. */
export function statusOfFailure(error: unknown): ExitStatus {
  const { status } = error instanceof StatusError ? error : newInternalError(error);
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = status;
  return rest;
}

/** A Status as the error channel bears it: from version 4 of the protocol on as JSON; before, its message, or nothing for success. */
export function textOfStatus(status: ExitStatus, protocol: string): string {
  if (/^v[45]\./.test(protocol)) return JSON.stringify(status);
  return status.status === 'Success' ? '' : (status.message ?? '');
}

/**
 * Reads what came over the error channel: answers the exit code. An empty text is success, as client-go has it.
 *
 * @throws {StatusError} what the other side says about why the process was not run.
 */
export function exitCodeOf(text: string): number {
  if (text === '') return 0;
  const status = parse(text);
  if (status.status === 'Success') return 0;
  if (status.reason !== NON_ZERO_EXIT_CODE) throw StatusError.from(status);
  const cause = status.details?.causes?.find(({ reason }) => reason === EXIT_CODE_CAUSE);
  const code = Number(cause?.message);
  if (Number.isInteger(code) && code >= 0 && code <= 255) return code;
  throw newInternalError(
    `error stream protocol error: no exit code in ${JSON.stringify(text.slice(0, 1000))}`,
  );
}

function parse(text: string): Partial<Status> {
  try {
    return JSON.parse(text) as Partial<Status>;
  } catch {
    throw newInternalError(
      `error stream protocol error: no Status in ${JSON.stringify(text.slice(0, 1000))}`,
    );
  }
}
