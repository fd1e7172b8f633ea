/** What exists in a cluster before anybody has made anything. */
import type { ApiRequest, Transport } from '../apimachinery/api-request.ts';
import type { GroupVersionResource } from '../apimachinery/meta/object.ts';
import { isAlreadyExists } from '../apimachinery/status-error.ts';
import {
  defaultClusterRoleBindings,
  defaultClusterRoles,
  defaultRoleBindings,
  defaultRoles,
  RBAC_GROUP,
} from '../apis/rbac/index.ts';
import { systemPriorityClasses } from '../apis/scheduling/index.ts';

/** An object to create, and where. */
export interface InitialObject extends GroupVersionResource {
  readonly object: { readonly metadata: { readonly name?: string; readonly namespace?: string } };
}

/** The namespaces that always exist: for users, for the system, for what everybody may read, for the nodes' leases. */
const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Everything that must exist from the first start, in an order in which it can be created. */
export function initialObjects(): readonly InitialObject[] {
  const namespaces = NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  return [
    ...placed('', 'namespaces', namespaces),
    ...placed('scheduling.k8s.io', 'priorityclasses', systemPriorityClasses()),
    ...placed(RBAC_GROUP, 'clusterroles', defaultClusterRoles()),
    ...placed(RBAC_GROUP, 'clusterrolebindings', defaultClusterRoleBindings()),
    ...placed(RBAC_GROUP, 'roles', defaultRoles()),
    ...placed(RBAC_GROUP, 'rolebindings', defaultRoleBindings()),
  ];
}

function placed(
  group: string,
  resource: string,
  objects: readonly InitialObject['object'][],
): readonly InitialObject[] {
  return objects.map((object) => ({ group, version: 'v1', resource, object }));
}

/**
 * Creates what is missing of {@link initialObjects}. What is there stays as it is, for an administrator may have changed
 * it. The transport's user must be allowed everything.
 */
export async function ensureInitialObjects(transport: Transport): Promise<void> {
  const isNamespaced = ({ object }: InitialObject): boolean => object.metadata.namespace !== undefined;
  const objects = initialObjects();
  // What lies in a namespace comes when the namespaces are there; the rest shares one commit.
  await createAll(
    transport,
    objects.filter((each) => !isNamespaced(each)),
  );
  await createAll(transport, objects.filter(isNamespaced));
}

async function createAll(transport: Transport, objects: readonly InitialObject[]): Promise<void> {
  const creations = objects.map(async ({ group, version, resource, object }) => {
    const { namespace } = object.metadata;
    const place = namespace === undefined ? {} : { namespace };
    const request: ApiRequest = { verb: 'create', group, version, resource, ...place, body: object };
    try {
      await transport.send(request);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  });
  await Promise.all(creations);
}
