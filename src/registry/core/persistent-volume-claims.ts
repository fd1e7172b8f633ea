import {
  applyClaimDefaults,
  claimSpecWarnings,
  settleDataSources,
  validateClaim,
  validateClaimStatus,
  validateClaimUpdate,
} from '../../apis/core/index.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimStatus,
} from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';
import { accessModesText } from './access-modes.ts';

/** `persistentvolumeclaims` of v1. */
export const persistentVolumeClaims: ResourceDefinition<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  resource: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
  shortNames: ['pvc'],
  schema: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  strategy: {
    applyDefaults: applyClaimDefaults,
    prepareForCreate(claim) {
      claim.status = { phase: 'Pending' };
      settleDataSources(claim.spec);
    },
    validateCreate: (claim) => validateClaim(claim),
    warningsOnCreate: (claim) => claimSpecWarnings(claim.spec, 'spec'),
    prepareForUpdate(claim, old) {
      claim.status = old.status as PersistentVolumeClaimStatus;
      settleDataSources(claim.spec, old.spec);
    },
    validateUpdate: (claim, old, _context, { object, change }) => [
      ...change,
      ...object,
      ...validateClaimUpdate(claim, old),
    ],
    returnsDeletedObject: true,
  },
  subresources: {
    status: {
      kind: 'part',
      verbs: ['get', 'update', 'patch'],
      prepareForUpdate(claim, old) {
        claim.spec = old.spec as PersistentVolumeClaimSpec;
      },
      validateUpdate: (claim, _old, _context, { change }) => [...change, ...validateClaimStatus(claim)],
    },
  },
  columns: [
    nameColumn,
    text('Status', 'Whether it has a volume.', ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
    ),
    text('Volume', 'The volume it has.', ({ spec }) => spec.volumeName ?? ''),
    text('Capacity', 'How much that holds.', ({ spec, status }) =>
      spec.volumeName ? (status.capacity?.['storage'] ?? '0') : '',
    ),
    text('Access Modes', 'How nodes may use it.', ({ spec, status }) =>
      spec.volumeName ? accessModesText(status.accessModes) : '',
    ),
    text('StorageClass', 'The class it asks for.', ({ spec }) => spec.storageClassName ?? ''),
    text(
      'VolumeAttributesClass',
      'The class of attributes it asks for.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    ageColumn,
    text('VolumeMode', 'A file system or a raw device.', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
  ],
};
