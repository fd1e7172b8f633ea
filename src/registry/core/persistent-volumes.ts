import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  applyPersistentVolumeDefaults,
  persistentVolumeWarnings,
  validatePersistentVolume,
  validatePersistentVolumeUpdate,
} from '../../apis/core/index.ts';
import type {
  PersistentVolume,
  PersistentVolumeSpec,
  PersistentVolumeStatus,
} from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';
import { accessModesText } from './access-modes.ts';

/** When the phase changes, so does its time, unless the client tells another. */
function settleTransitionTime(
  { status }: PersistentVolume,
  { status: old }: DeepReadonly<PersistentVolume>,
  now: number,
): void {
  const before = old.lastPhaseTransitionTime;
  if (status.phase !== old.phase) {
    const given = status.lastPhaseTransitionTime;
    if (given === undefined || given === before) status.lastPhaseTransitionTime = rfc3339(now);
  } else if (before !== undefined) status.lastPhaseTransitionTime ??= before;
}

/** `persistentvolumes` of v1. */
export const persistentVolumes: ResourceDefinition<PersistentVolume> = {
  group: '',
  version: 'v1',
  resource: 'persistentvolumes',
  singular: 'persistentvolume',
  kind: 'PersistentVolume',
  namespaced: false,
  shortNames: ['pv'],
  schema: 'io.k8s.api.core.v1.PersistentVolume',
  strategy: {
    applyDefaults: applyPersistentVolumeDefaults,
    prepareForCreate(volume, { now }) {
      volume.status = { phase: 'Pending', lastPhaseTransitionTime: rfc3339(now) };
    },
    validateCreate: (volume) => validatePersistentVolume(volume),
    warningsOnCreate: persistentVolumeWarnings,
    warningsOnUpdate: persistentVolumeWarnings,
    prepareForUpdate(volume, old) {
      volume.status = old.status as PersistentVolumeStatus;
    },
    validateUpdate: (volume, old, _context, { object }) => [
      // The rules of a volume are checked twice on an update, as upstream does.
      ...object,
      ...validatePersistentVolume(volume),
      ...object,
      ...validatePersistentVolumeUpdate(volume, old),
    ],
    returnsDeletedObject: true,
  },
  subresources: {
    status: {
      kind: 'part',
      verbs: ['get', 'update', 'patch'],
      prepareForUpdate(volume, old, { now }) {
        volume.spec = old.spec as PersistentVolumeSpec;
        settleTransitionTime(volume, old, now);
      },
      validateUpdate: (_volume, _old, _context, { change }) => change,
    },
  },
  columns: [
    nameColumn,
    text('Capacity', 'How much it holds.', ({ spec }) => spec.capacity?.['storage'] ?? '0'),
    text('Access Modes', 'How nodes may use it.', ({ spec }) => accessModesText(spec.accessModes)),
    text(
      'Reclaim Policy',
      'What becomes of it after its claim.',
      (volume) => volume.spec.persistentVolumeReclaimPolicy ?? '',
    ),
    text('Status', 'Whether it is taken.', ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
    ),
    text('Claim', 'Who has it.', ({ spec: { claimRef } }) =>
      claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : '',
    ),
    text('StorageClass', 'The class it belongs to.', ({ spec }) => spec.storageClassName ?? ''),
    text(
      'VolumeAttributesClass',
      'The class of its attributes.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    text('Reason', 'Why it failed, in a word.', ({ status }) => status.reason ?? ''),
    ageColumn,
    text('VolumeMode', 'A file system or a raw device.', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
  ],
};
