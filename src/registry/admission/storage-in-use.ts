import type { AdmissionPlugin } from '../../apiserver/resource.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  persistentvolumes: 'kubernetes.io/pv-protection',
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
};

/** Keeps volumes that are bound, and claims that pods use, from going: their controllers take the finalizer off again. */
export const storageInUse: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: ({ group, resource, subresource, verb }) =>
    group === '' && Object.hasOwn(FINALIZERS, resource) && subresource === undefined && verb !== 'delete',
  admit(object, old, { request }) {
    const finalizer = FINALIZERS[request.resource];
    if (object === undefined || old !== undefined || finalizer === undefined) return;
    const { metadata } = object;
    if (metadata.finalizers?.includes(finalizer)) return;
    metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  },
};
