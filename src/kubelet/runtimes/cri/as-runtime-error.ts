/** What fails on the runtime's socket, as the node agent is to hear of it. */
import { RuntimeError } from '../runtime-error.ts';
import { CriError } from './cri-error.ts';

/** Stopping and removing succeed for what is not there; some runtimes say NOT_FOUND instead. */
export async function ifThere(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof CriError && error.code === 'NOT_FOUND')) throw error;
  }
}

/** A {@link CriError} of what is done becomes a {@link RuntimeError} with the same words. */
export async function translated<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CriError)) throw error;
    throw new RuntimeError(kindOf(error.code), error.message, { cause: error, code: goCode(error.code) });
  }
}

/** `NOT_FOUND` as Go names it. */
function goCode(code: string): string {
  return code.toLowerCase().replaceAll(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());
}

function kindOf(code: string): RuntimeError['kind'] {
  switch (code) {
    case 'NOT_FOUND':
      return 'NotFound';
    case 'UNAVAILABLE':
    case 'DEADLINE_EXCEEDED':
      return 'Unavailable';
    case 'UNIMPLEMENTED':
      return 'Unsupported';
    default:
      return 'Failed';
  }
}
