import { newBadRequest, StatusError } from '../status-error.ts';

/** 422: the patch cannot be applied to this object. Upstream keeps the reason to itself, and so do we. */
export function newPatchRejected(): StatusError {
  return new StatusError(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
  );
}

/** 500 without a reason: how upstream answers a patch whose instructions make no sense. */
export function newPatchFailure(message: string): StatusError {
  return new StatusError(500, '', message);
}

/** 400 for a body that is no patch of its type, as Go's decoder words it. */
export function newUndecodablePatch(value: unknown, where: string, prefix = ''): StatusError {
  return newBadRequest(`${prefix}json: cannot unmarshal ${goKind(value)} into ${where}`);
}

/** Turns an exhausted stack, which only absurd nesting causes, into the decoder's complaint about it. */
export function guardingDepth<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw newBadRequest('error decoding patch: exceeded max depth');
    throw error;
  }
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
