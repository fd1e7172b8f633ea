/** What a pod's status says of a pull that failed. Pure. Source: the kubelet's image manager, and cri-api's error names. */
import { callErrorText, RuntimeError } from '../runtimes/runtime-error.ts';
import type { ImageError } from './image-error.ts';

/** How a container waits after a failed pull. */
export interface PullFailure {
  readonly reason: Extract<
    ImageError['reason'],
    'ErrImagePull' | 'RegistryUnavailable' | 'SignatureValidationFailed'
  >;
  readonly message: string;
}

/** Names that a runtime may put before its words, and what they are told as. */
const NAMED = {
  RegistryUnavailable: 'the registry is unavailable',
  SignatureValidationFailed: 'the signature validation failed',
} as const;

/** What a runtime's refusal to pull means for a container of that image. */
export function pullFailure(image: string, error: unknown): PullFailure {
  const text = pullErrorText(error);
  for (const [reason, meaning] of Object.entries(NAMED) as [keyof typeof NAMED, string][]) {
    if (!text.startsWith(reason)) continue;
    return {
      reason,
      message: `image pull failed for ${image} because ${meaning}${text.slice(reason.length)}`,
    };
  }
  return { reason: 'ErrImagePull', message: text };
}

/** The words of a failed pull; the kubelet leaves out a code that says nothing. */
export function pullErrorText(error: unknown): string {
  return error instanceof RuntimeError && error.code === 'Unknown' ? error.message : callErrorText(error);
}
