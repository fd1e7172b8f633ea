import { deepEqualJson } from '../../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { StatusError } from '../../apimachinery/status-error.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import {
  type CertificateSigningRequest,
  KUBELET_CLIENT_SIGNER,
  KUBELET_SERVING_SIGNER,
  NODE_USER_PREFIX,
  parseCertificateRequest,
} from '../../apis/certificates/index.ts';
import type { Node, Pod } from '../../apis/core/types.ts';
import type { AdmissionPlugin, RequestContext } from '../../apiserver/resource.ts';
import { forbid } from '../admission/forbid.ts';
import { nodeNameOf } from './node-identity.ts';

const RESOURCES = ['pods', 'nodes', 'persistentvolumeclaims', 'leases', 'certificatesigningrequests'];
const MIRROR = 'kubernetes.io/config.mirror';
/** Labels of kubernetes.io that a node agent may set of itself (k8s.io/kubelet/pkg/apis). */
const OWN_LABELS = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'node.kubernetes.io/windows-build',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);
const OWN_LABEL_DOMAINS = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

type Reader = DeepReadonly<ApiObject> | undefined;

/** The plugin NodeRestriction: a node agent writes about itself and its own pods alone. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  handles: ({ resource }) => RESOURCES.includes(resource),
  admit(object, old, context) {
    const node = nodeNameOf(context.user);
    if (node === undefined) return;
    const why = whyNot(node, object, old, context);
    if (why !== undefined) throw refusal(why, object, context);
  },
};

function refusal(why: string, object: ApiObject | undefined, { request }: RequestContext): StatusError {
  return forbid(request, object, why);
}

function whyNot(
  node: string,
  object: ApiObject | undefined,
  old: Reader,
  context: RequestContext,
): string | undefined {
  const { resource, subresource = '', namespace } = context.request;
  const name = context.request.name ?? object?.metadata.name ?? '';
  switch (resource) {
    case 'pods':
      return aboutPod(node, object as Pod | undefined, old as DeepReadonly<Pod> | undefined, subresource);
    case 'nodes':
      if (name !== node) return `node "${node}" is not allowed to modify node "${name}"`;
      return aboutNode(node, object as Node | undefined, old as DeepReadonly<Node> | undefined);
    case 'persistentvolumeclaims':
      return subresource === 'status' ? undefined : 'may only update PVC status';
    case 'leases':
      if (namespace !== 'kube-node-lease') {
        return 'can only access leases in the "kube-node-lease" system namespace';
      }
      return name === node
        ? undefined
        : 'can only access node lease with the same name as the requesting node';
    default:
      return old === undefined
        ? aboutRequest(node, object as unknown as CertificateSigningRequest)
        : undefined;
  }
}

function aboutPod(
  node: string,
  pod: Pod | undefined,
  old: DeepReadonly<Pod> | undefined,
  subresource: string,
): string | undefined {
  if (subresource === 'status') {
    if (old?.spec.nodeName !== node) {
      return `node "${node}" can only update pod status for pods with spec.nodeName set to itself`;
    }
    if (deepEqualJson(old.metadata.labels ?? {}, pod?.metadata.labels ?? {})) return undefined;
    return `node "${node}" cannot update labels through pod status`;
  }
  if (subresource !== '') {
    return `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`;
  }
  if (pod === undefined) {
    if (old === undefined || old.spec.nodeName === node) return undefined;
    return `node "${node}" can only delete pods with spec.nodeName set to itself`;
  }
  if (old !== undefined) {
    return `unexpected operation "UPDATE", node "${node}" can only create and delete mirror pods`;
  }
  // Mirror pods, which come from files on a node, do not exist here: an agent creates none.
  if (pod.metadata.annotations?.[MIRROR] === undefined) {
    return `pod does not have "${MIRROR}" annotation, node "${node}" can only create mirror pods`;
  }
  return `node "${node}" can only create pods with an owner reference set to itself`;
}

function aboutNode(
  name: string,
  node: Node | undefined,
  old: DeepReadonly<Node> | undefined,
): string | undefined {
  if (node === undefined) return undefined;
  const labels = forbiddenLabels(node.metadata.labels ?? {}, old?.metadata.labels ?? {});
  if (old === undefined) {
    if (labels.length === 0) return undefined;
    return `node "${name}" is not allowed to set the following labels: ${labels.join(', ')}`;
  }
  if (!deepEqualJson(node.spec.taints ?? [], old.spec.taints ?? [])) {
    return `node "${name}" is not allowed to modify taints`;
  }
  if (!deepEqualJson(node.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) {
    return `node "${name}" is not allowed to modify ownerReferences`;
  }
  return labels.length === 0 ? undefined : `is not allowed to modify labels: ${labels.join(', ')}`;
}

function forbiddenLabels(
  now: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): readonly string[] {
  const changed = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter(
    (key) => now[key] !== before[key],
  );
  return changed.filter(isForbidden).sort();
}

function isForbidden(label: string): boolean {
  const domain = label.includes('/') ? label.slice(0, label.indexOf('/')) : '';
  const isIn = (root: string): boolean => domain === root || domain.endsWith(`.${root}`);
  if (isIn('node-restriction.kubernetes.io')) return true;
  if (!isIn('kubernetes.io') && !isIn('k8s.io')) return false;
  return !OWN_LABELS.has(label) && !OWN_LABEL_DOMAINS.some(isIn);
}

function aboutRequest(node: string, { spec }: CertificateSigningRequest): string | undefined {
  if (spec.signerName !== KUBELET_SERVING_SIGNER && spec.signerName !== KUBELET_CLIENT_SIGNER) {
    return undefined;
  }
  try {
    const { commonName } = parseCertificateRequest(spec.request ?? '');
    if (commonName === NODE_USER_PREFIX + node) return undefined;
  } catch (error) {
    return `unable to parse csr: ${messageOf(error)}`;
  }
  return `can only create a node CSR with CN=${NODE_USER_PREFIX}${node}`;
}
