/** What fails on the engine's socket, as the node agent is to hear of it. */
import { StatusError } from '../../../apimachinery/status-error.ts';
import { RuntimeError } from '../runtime-error.ts';
import { DockerError } from './docker-error.ts';

/** Stopping and removing succeed for what is not there, or is being removed already. */
export async function ifThere(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof DockerError && (error.code === 404 || error.code === 409))) throw error;
  }
}

/** A {@link DockerError} of what is done becomes a {@link RuntimeError}, with the same words where nothing else is said. */
export async function translated<Value>(
  act: () => Promise<Value>,
  worded: (words: string) => string = (words) => words,
): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof StatusError) throw new RuntimeError('Failed', error.message, { cause: error });
    if (!(error instanceof DockerError)) throw error;
    const kind = kindOf(error.code);
    // The codes that the kubelet sees when Docker is behind CRI.
    const code = kind === 'Unavailable' ? kind : 'Unknown';
    throw new RuntimeError(kind, worded(error.message), { cause: error, code });
  }
}

function kindOf(code: number): RuntimeError['kind'] {
  switch (code) {
    case 404:
      return 'NotFound';
    case 0:
      return 'Unavailable';
    case 501:
      return 'Unsupported';
    default:
      return 'Failed';
  }
}
