/** The owner that controls an object: at most one of its owner references says so. Upstream: meta/v1, controller_ref.go. */
import type { DeepReadonly } from './object.ts';
import type { OwnerReference } from './types.ts';

/** Whatever may have owners. */
interface Owned {
  readonly metadata: { readonly ownerReferences?: readonly DeepReadonly<OwnerReference>[] };
}

/** The reference to the owner that controls the object, if one does. */
export function controllerOf({ metadata }: Owned): DeepReadonly<OwnerReference> | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** Whether the owner, of any kind, controls the object: by its uid, for another one may have its name by now. */
export function isControlledBy(
  object: Owned,
  owner: { readonly metadata: { readonly uid: string } },
): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The reference by which an owner of that kind controls what it makes; the owner is deleted in the foreground after it. */
export function newControllerRef(
  { metadata: { name, uid } }: { readonly metadata: { readonly name: string; readonly uid: string } },
  kind: Pick<OwnerReference, 'apiVersion' | 'kind'>,
): OwnerReference {
  const { apiVersion } = kind;
  return { apiVersion, kind: kind.kind, name, uid, controller: true, blockOwnerDeletion: true };
}
