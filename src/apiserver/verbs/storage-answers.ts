import { newExpired, newInternalError, newServiceUnavailable } from '../../apimachinery/status-error.ts';
import { StorageError } from '../../storage/storage.ts';

/** The code of a refusal by the store, undefined for any other thrown value. */
export function storageCode(error: unknown): StorageError['code'] | undefined {
  return error instanceof StorageError ? error.code : undefined;
}

/** What a client is told when the store cannot answer; anything unknown goes on as it is. */
export function answerForFault(error: unknown): unknown {
  switch (storageCode(error)) {
    case 'compacted':
      return newExpired('The resourceVersion for the provided list is too old.');
    case 'closed':
      return newServiceUnavailable('the server is shutting down');
    case 'unavailable':
      return newInternalError(error);
    default:
      return error;
  }
}
