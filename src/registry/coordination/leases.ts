import { type Lease, validateLease } from '../../apis/coordination/index.ts';
import type { ResourceDefinition, Strategy } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** Upstream's coordinated leader election is off by default, so its two fields are dropped. */
function dropCoordination({ spec }: Lease): void {
  delete spec?.strategy;
  delete spec?.preferredHolder;
}

const strategy: Strategy<Lease> = {
  undomainedFinalizers: true,
  applyDefaults(lease) {
    lease.spec ??= {};
  },
  prepareForCreate: dropCoordination,
  validateCreate: (lease) => validateLease(lease),
  prepareForUpdate: dropCoordination,
  validateUpdate: (lease, _old, _context, { change }) => [...change, ...validateLease(lease)],
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
};

/** `leases` of coordination.k8s.io/v1. */
export const leases: ResourceDefinition<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  singular: 'lease',
  kind: 'Lease',
  namespaced: true,
  schema: 'io.k8s.api.coordination.v1.Lease',
  strategy,
  columns: [
    nameColumn,
    text('Holder', 'Who holds the lease.', (lease) => lease.spec?.holderIdentity ?? ''),
    ageColumn,
  ],
};
