/** A kubeconfig that cannot be used: the message names the file, says why, and says what to do. */
import { messageOf, systemCodeOf } from '../../apimachinery/thrown.ts';

export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
  readonly file: string;

  constructor(file: string, why: string, options?: ErrorOptions) {
    super(`${file}: ${why}`, options);
    this.file = file;
  }
}

/** The system's words for why a file cannot be read or written, with what to do about it. */
export function fileProblem(file: string, verb: 'read' | 'written', cause: unknown): KubeconfigError {
  const code = systemCodeOf(cause);
  const advice =
    code === 'ENOENT'
      ? 'there is no such file; name another with --kubeconfig or KUBECONFIG'
      : code === 'EACCES' || code === 'EPERM'
        ? `it may not be ${verb}; check its owner and permissions`
        : code === 'EISDIR'
          ? 'it is a directory; name a file'
          : `it cannot be ${verb}: ${messageOf(cause)}`;
  return new KubeconfigError(file, advice, { cause });
}
