import type { ApiRequest } from '../../apimachinery/api-request.ts';
import { newForbidden, newNotFound, StatusError } from '../../apimachinery/status-error.ts';
import type { Namespace } from '../../apis/core/types.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';
import { forbidUnnamed } from './forbid.ts';

/** Namespaces without which a cluster is none. */
const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

const isNamespace = ({ group, resource }: ApiRequest): boolean => group === '' && resource === 'namespaces';

/**
 * Nothing is made in a namespace that is not there (404) or is going (403), and some namespaces never go. Updates need no
 * look: what they change is there, and so was its namespace.
 */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  handles: (request) =>
    isNamespace(request)
      ? request.verb === 'delete' || request.verb === 'deletecollection'
      : request.namespace !== undefined && request.verb !== 'delete' && request.verb !== 'deletecollection',
  async admit(object, old, { request }, { storage }) {
    if (isNamespace(request)) {
      const name = old?.metadata.name ?? request.name ?? '';
      if (IMMORTAL.has(name)) {
        throw newForbidden('', 'namespaces', name, 'this namespace may not be deleted');
      }
      return;
    }
    if (old !== undefined) return;
    const name = request.namespace ?? '';
    const namespace = (await storage.get(`/core/namespaces/${name}`))?.object as Namespace | undefined;
    if (namespace === undefined) throw newNotFound('', 'namespaces', name);
    if (namespace.status.phase !== 'Terminating') return;
    const why = `unable to create new content in namespace ${name} because it is being terminated`;
    const { status } = forbidUnnamed(request, object, why);
    const cause = {
      reason: 'NamespaceTerminating',
      message: `namespace ${name} is being terminated`,
      field: 'metadata.namespace',
    };
    const details = { ...status.details, causes: [cause] };
    throw new StatusError(status.code, status.reason ?? '', status.message ?? '', details);
  },
};
