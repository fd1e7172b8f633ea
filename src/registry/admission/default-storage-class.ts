import type { PersistentVolumeClaim } from '../../apis/core/types.ts';
import { defaultStorageClass, type StorageClass } from '../../apis/storage/index.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** Gives a new claim that names no storage class the default one, where there is one. */
export const defaultStorageClassPlugin: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  handles: ({ group, resource, subresource, verb }) =>
    group === '' && resource === 'persistentvolumeclaims' && subresource === undefined && verb !== 'delete',
  async admit(object, old, _, { storage }) {
    if (object === undefined || old !== undefined) return;
    const { metadata, spec } = object as PersistentVolumeClaim;
    if (spec.storageClassName !== undefined || metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return;
    const { items } = await storage.list('/storage.k8s.io/storageclasses/');
    const found = defaultStorageClass(items.map((item) => item.object as unknown as StorageClass));
    if (found !== undefined) spec.storageClassName = found.metadata.name;
  },
};
