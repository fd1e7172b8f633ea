/** Why an image could not be built, loaded or listed, in one line that says what to do. */
export class LocalImageError extends Error {
  override readonly name = 'LocalImageError';
}
