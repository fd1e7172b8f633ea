import { newConflict } from '../../apimachinery/status-error.ts';
import { labelName } from '../../apimachinery/validation/index.ts';
import {
  applyNamespaceDefaults,
  validateNamespaceFinalizers,
  validateNamespaceStatus,
} from '../../apis/core/index.ts';
import type { Namespace, NamespaceSpec, NamespaceStatus } from '../../apis/core/types.ts';
import type { PartSubresource, ResourceDefinition, Strategy } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** What keeps a namespace until its content is gone. */
const FINALIZER = 'kubernetes';

const strategy: Strategy<Namespace> = {
  applyDefaults: applyNamespaceDefaults,
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) namespace.spec.finalizers = [...finalizers, FINALIZER];
  },
  validateCreate: (namespace) => validateNamespaceFinalizers(namespace),
  prepareForUpdate(namespace, old) {
    namespace.spec = old.spec as NamespaceSpec;
    namespace.status = old.status as NamespaceStatus;
  },
  validateUpdate: (namespace, _old, _context, { object, change }) => [
    ...object,
    ...validateNamespaceFinalizers(namespace),
    ...change,
  ],
  validateName: labelName,
  returnsDeletedObject: true,
  checkDelete({ metadata }, { request: { group, resource } }, { preconditions }) {
    // Upstream deletes a namespace in a way of its own, with words of its own.
    for (const [field, member] of [
      ['UID', 'uid'],
      ['ResourceVersion', 'resourceVersion'],
    ] as const) {
      const [asked, found] = [preconditions?.[member], metadata[member]];
      if (asked === undefined || asked === found) continue;
      const why = `Precondition failed: ${field} in precondition: ${asked}, ${field} in object meta: ${found}`;
      throw newConflict(group, resource, metadata.name, why);
    }
  },
  prepareForDelete(namespace) {
    namespace.status.phase = 'Terminating';
    // A namespace knows no grace, not even one of no time.
    delete namespace.metadata.deletionGracePeriodSeconds;
  },
  mayVanish: (namespace) => !namespace.spec.finalizers?.length,
};

const status: PartSubresource<Namespace> = {
  kind: 'part',
  verbs: ['get', 'update', 'patch'],
  prepareForUpdate(namespace, old) {
    namespace.spec = old.spec as NamespaceSpec;
  },
  validateUpdate: (namespace, _old, _context, { change }) => [
    ...change,
    ...validateNamespaceStatus(namespace),
  ],
};

/** Where the namespace controller takes away the last thing that keeps a namespace. */
const finalize: PartSubresource<Namespace> = {
  kind: 'part',
  untabled: true,
  verbs: ['update'],
  prepareForUpdate(namespace, old) {
    namespace.status = old.status as NamespaceStatus;
  },
  validateUpdate: (namespace, _old, _context, { change }) => [
    ...change,
    ...validateNamespaceFinalizers(namespace, true),
  ],
};

/** `namespaces` of v1. */
export const namespaces: ResourceDefinition<Namespace> = {
  group: '',
  version: 'v1',
  resource: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  namespaced: false,
  shortNames: ['ns'],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  schema: 'io.k8s.api.core.v1.Namespace',
  strategy,
  subresources: { finalize, status },
  columns: [
    nameColumn,
    text('Status', 'Active, or Terminating while its content goes.', ({ status: { phase } }) => phase ?? ''),
    ageColumn,
  ],
  selectableFields: { 'status.phase': (namespace) => namespace.status.phase ?? '' },
};
