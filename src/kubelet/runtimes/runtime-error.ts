/** Why a runtime could not do what it was asked, in words for the pod's status. */
import { messageOf } from '../../apimachinery/thrown.ts';

export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly kind: 'NotFound' | 'Unavailable' | 'Unsupported' | 'Failed' | 'TimedOut';

  /** The code of the call that failed, as Go names it (`NotFound`); empty where there was no call. */
  readonly code: string;

  constructor(
    kind: RuntimeError['kind'],
    message: string,
    options?: ErrorOptions & { readonly code?: string },
  ) {
    super(message, options);
    this.kind = kind;
    this.code = options?.code ?? '';
  }
}

/** An error as Go prints what a call to a runtime gave; the kubelet shows it so in some places and bare in others. */
export function callErrorText(error: unknown): string {
  const message = messageOf(error);
  if (!(error instanceof RuntimeError) || error.code === '') return message;
  return `rpc error: code = ${error.code} desc = ${message}`;
}
