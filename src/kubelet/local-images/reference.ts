import { parseImageReference } from '../../apis/core/image-reference.ts';
import { LocalImageError } from './local-image-error.ts';

/**
 * The full name under which containerd keeps an image for Kubernetes: `my-image` is
 * `docker.io/library/my-image:latest`, as it is for a pod.
 *
 * @throws {LocalImageError} for what is no name of an image.
 */
export function fullName(reference: string): string {
  const parsed = parseImageReference(reference);
  if (parsed === undefined) {
    throw new LocalImageError(
      `'${reference}' is no name for an image: use lower-case letters, digits and . _ - /, then :TAG`,
    );
  }
  const { repository, tag, digest } = parsed;
  return `${repository}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`;
}

/**
 * The name by which a pod most likely asks for an image that podman or buildah call `localhost/NAME`: they say so for an
 * image without a registry, for which Kubernetes says `docker.io/library/NAME`. Undefined for every other name.
 */
export function nameForPods(full: string): string | undefined {
  const [, rest] = /^localhost\/([^/]+)$/.exec(full) ?? [];
  return rest === undefined ? undefined : `docker.io/library/${rest}`;
}
