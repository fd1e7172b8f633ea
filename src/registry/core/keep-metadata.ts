import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';

const KEPT = [
  'deletionGracePeriodSeconds',
  'generation',
  'ownerReferences',
  'labels',
  'annotations',
  'finalizers',
] as const;

/** Puts back the metadata that a write to a part of an object may not change. */
export function keepMetadata(object: ApiObject, old: DeepReadonly<ApiObject>): void {
  const metadata = object.metadata as unknown as Record<string, unknown>;
  for (const field of KEPT) {
    const before = old.metadata[field];
    if (before === undefined) delete metadata[field];
    else metadata[field] = before;
  }
}
