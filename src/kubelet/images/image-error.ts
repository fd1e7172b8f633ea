/** Why a container has no image yet: what its status says while it waits. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly reason:
    | 'ErrImagePull'
    | 'ImagePullBackOff'
    | 'ErrImageNeverPull'
    | 'InvalidImageName'
    | 'ImageInspectError'
    | 'RegistryUnavailable'
    | 'SignatureValidationFailed';
  /** Wall milliseconds before which another try is pointless. */
  readonly retryAt: number;

  constructor(reason: ImageError['reason'], message: string, retryAt: number, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.retryAt = retryAt;
  }
}
