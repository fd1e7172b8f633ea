/** What exists in a cluster before anybody has made anything. */
import type { ApiRequest, Transport } from '../apimachinery/api-request.ts';
import type { GroupVersionResource } from '../apimachinery/meta/object.ts';
import { isAlreadyExists } from '../apimachinery/status-error.ts';
import { systemPriorityClasses } from '../apis/scheduling/index.ts';
import { ensureDefaultPolicy } from './default-policy.ts';

interface InitialObject extends GroupVersionResource {
  readonly object: { readonly metadata: { readonly name?: string } };
}

/** The namespaces that always exist: for users, for the system, for what everybody may read, for the nodes' leases. */
const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

function initialObjects(): readonly InitialObject[] {
  const namespaces = NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  return [
    ...placed('', 'namespaces', namespaces),
    ...placed('scheduling.k8s.io', 'priorityclasses', systemPriorityClasses()),
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
 * Creates what is missing of the namespaces, the system's priority classes and the default roles and bindings, and mends
 * the latter; other things that are there stay as they are. The transport's user must be allowed everything.
 */
export async function ensureInitialObjects(transport: Transport): Promise<void> {
  // What lies in a namespace comes when the namespaces are there.
  await createAll(transport, initialObjects());
  await ensureDefaultPolicy(transport);
}

async function createAll(transport: Transport, objects: readonly InitialObject[]): Promise<void> {
  const creations = objects.map(async ({ group, version, resource, object }) => {
    const request: ApiRequest = { verb: 'create', group, version, resource, body: object };
    try {
      await transport.send(request);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  });
  await Promise.all(creations);
}
