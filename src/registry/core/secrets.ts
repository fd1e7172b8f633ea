import {
  applySecretDefaults,
  secretWarnings,
  validateSecret,
  validateSecretUpdate,
} from '../../apis/core/index.ts';
import type { Secret } from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** `secrets` of v1. */
export const secrets: ResourceDefinition<Secret> = {
  group: '',
  version: 'v1',
  resource: 'secrets',
  singular: 'secret',
  kind: 'Secret',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Secret',
  strategy: {
    applyDefaults: applySecretDefaults,
    prepareForCreate() {},
    validateCreate: (secret) => validateSecret(secret),
    prepareForUpdate() {},
    validateUpdate: (secret, old, _context, metadata) => validateSecretUpdate(secret, old, metadata),
    warningsOnCreate: (secret) => secretWarnings(secret),
    warningsOnUpdate: (secret) => secretWarnings(secret),
  },
  columns: [
    nameColumn,
    text('Type', 'What its keys are meant for.', (secret) => secret.type ?? ''),
    text('Data', 'How many keys it has.', (secret) => Object.keys(secret.data ?? {}).length),
    ageColumn,
  ],
  selectableFields: { type: (secret) => secret.type ?? '' },
};
