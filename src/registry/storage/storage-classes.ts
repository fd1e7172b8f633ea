import {
  applyStorageClassDefaults,
  isDefaultClass,
  type StorageClass,
  storageClassWarnings,
  validateStorageClass,
  validateStorageClassChange,
} from '../../apis/storage/index.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** `storageclasses` of storage.k8s.io/v1. */
export const storageClasses: ResourceDefinition<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'storageclasses',
  singular: 'storageclass',
  kind: 'StorageClass',
  namespaced: false,
  shortNames: ['sc'],
  schema: 'io.k8s.api.storage.v1.StorageClass',
  strategy: {
    applyDefaults: applyStorageClassDefaults,
    prepareForCreate: () => {},
    validateCreate: (storageClass) => validateStorageClass(storageClass),
    warningsOnCreate: (storageClass) => storageClassWarnings(storageClass),
    prepareForUpdate: () => {},
    validateUpdate: (storageClass, old, _context, { object, change }) => [
      ...object,
      ...validateStorageClass(storageClass),
      ...change,
      ...validateStorageClassChange(storageClass, old),
    ],
    warningsOnUpdate: (storageClass) => storageClassWarnings(storageClass),
    returnsDeletedObject: true,
  },
  columns: [
    {
      ...nameColumn,
      cell: (each) => `${each.metadata.name}${isDefaultClass(each as StorageClass) ? ' (default)' : ''}`,
    },
    text('Provisioner', 'Who makes the volumes.', (each) => each.provisioner),
    text(
      'ReclaimPolicy',
      'What becomes of a volume after its claim.',
      (each) => each.reclaimPolicy ?? 'Delete',
    ),
    text(
      'VolumeBindingMode',
      'When a claim gets its volume.',
      (each) => each.volumeBindingMode ?? 'Immediate',
    ),
    {
      name: 'AllowVolumeExpansion',
      type: 'string',
      description: 'Whether claims of this class may grow.',
      priority: 0,
      cell: (each) => each.allowVolumeExpansion ?? false,
    },
    ageColumn,
  ],
};
