import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  applyResourceQuotaDefaults,
  validateResourceQuota,
  validateResourceQuotaStatus,
  validateResourceQuotaUpdate,
} from '../../apis/core/index.ts';
import type { ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus } from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** `pods: 1/4, requests.cpu: 500m/2`: what is used of what may be. */
function usage({ status }: DeepReadonly<ResourceQuota>, limits: boolean): string {
  return Object.keys(status.hard ?? {})
    .filter((name) => name.startsWith('limits.') === limits)
    .sort()
    .map((name) => `${name}: ${status.used?.[name] ?? '0'}/${status.hard?.[name] ?? '0'}`)
    .join(', ');
}

/** `resourcequotas` of v1. */
export const resourceQuotas: ResourceDefinition<ResourceQuota> = {
  group: '',
  version: 'v1',
  resource: 'resourcequotas',
  singular: 'resourcequota',
  kind: 'ResourceQuota',
  namespaced: true,
  shortNames: ['quota'],
  schema: 'io.k8s.api.core.v1.ResourceQuota',
  strategy: {
    applyDefaults: applyResourceQuotaDefaults,
    prepareForCreate(quota) {
      quota.status = {};
    },
    validateCreate: (quota) => validateResourceQuota(quota),
    prepareForUpdate(quota, old) {
      quota.status = old.status as ResourceQuotaStatus;
    },
    validateUpdate: (quota, old, _context, { change }) => [
      ...change,
      ...validateResourceQuotaUpdate(quota, old),
    ],
    returnsDeletedObject: true,
  },
  subresources: {
    status: {
      kind: 'part',
      verbs: ['get', 'update', 'patch'],
      prepareForUpdate(quota, old) {
        quota.spec = old.spec as ResourceQuotaSpec;
      },
      validateUpdate: (quota, _old, _context, { change }) => [
        ...change,
        ...validateResourceQuotaStatus(quota),
      ],
    },
  },
  columns: [
    nameColumn,
    text('Request', 'What is used and requested, of how much.', (quota) => usage(quota, false)),
    text('Limit', 'To what containers are limited together, of how much.', (quota) => usage(quota, true)),
    ageColumn,
  ],
};
