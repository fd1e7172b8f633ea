import type { ImageService } from './image.ts';

/** Where containers are made from no image: every reference counts as there, and there is nothing to list or to remove. */
export const NO_IMAGES: ImageService = {
  status: async (reference) => ({ id: reference, tags: [reference], digests: [], sizeBytes: 0, local: true }),
  pull: async (reference) => reference,
  list: async () => [],
  remove: async () => {},
  inUse: async () => new Set(),
  directory: async () => undefined,
};
