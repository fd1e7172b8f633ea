/**
 * Every kind that longshore's components and command line speak of, named once for typed calls. The list is whole whether
 * or not a component uses a kind today, hence @public.
 */
import type { ApiObject } from '../apimachinery/meta/object.ts';
import type { SelfSubjectReview, TokenReview } from '../apis/authentication/types.ts';
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../apis/authorization/types.ts';
import type { CronJob, Job } from '../apis/batch/types.ts';
import type { CertificateSigningRequest } from '../apis/certificates/types.ts';
import type { Lease } from '../apis/coordination/types.ts';
import type {
  ConfigMap,
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from '../apis/core/types.ts';
import type { EndpointSlice } from '../apis/discovery/types.ts';
import type { Event as ReportedEvent } from '../apis/events/types.ts';
import type { RuntimeClass } from '../apis/node/types.ts';
import type { PodDisruptionBudget } from '../apis/policy/types.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../apis/rbac/types.ts';
import type { PriorityClass } from '../apis/scheduling/types.ts';
import type { StorageClass } from '../apis/storage/types.ts';
import type { Resource } from './client.ts';

const byKind = new Map<string, Resource<ApiObject>>();

/** Names a kind; `apiVersion` is `group/version`, or `v1` for the core group. */
function named<T extends ApiObject>(
  apiVersion: string,
  resource: string,
  kind: string,
  scope: 'namespaced' | 'cluster' = 'namespaced',
): Resource<T> {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const made = { group, version, resource, kind, namespaced: scope === 'namespaced' };
  byKind.set(`${apiVersion} ${kind}`, made);
  return made;
}

/** The resource of a manifest's `apiVersion` and `kind`, or undefined for a kind that is not named here. */
export function resourceForKind(apiVersion: string, kind: string): Resource<ApiObject> | undefined {
  return byKind.get(`${apiVersion} ${kind}`);
}

/** jobs of batch/v1. @public */
export const JOBS = named<Job>('batch/v1', 'jobs', 'Job');
/** cronjobs of batch/v1. @public */
export const CRONJOBS = named<CronJob>('batch/v1', 'cronjobs', 'CronJob');
/** pods of v1. @public */
export const PODS = named<Pod>('v1', 'pods', 'Pod');
/** podtemplates of v1. @public */
export const PODTEMPLATES = named<PodTemplate>('v1', 'podtemplates', 'PodTemplate');
/** nodes of v1. @public */
export const NODES = named<Node>('v1', 'nodes', 'Node', 'cluster');
/** events of v1: the form in which most components write them. @public */
export const EVENTS = named<Event>('v1', 'events', 'Event');
/** events of events.k8s.io/v1: the form of the scheduler's. @public */
export const REPORTED_EVENTS = named<ReportedEvent>('events.k8s.io/v1', 'events', 'Event');
/** configmaps of v1. @public */
export const CONFIGMAPS = named<ConfigMap>('v1', 'configmaps', 'ConfigMap');
/** secrets of v1. @public */
export const SECRETS = named<Secret>('v1', 'secrets', 'Secret');
/** serviceaccounts of v1. @public */
export const SERVICEACCOUNTS = named<ServiceAccount>('v1', 'serviceaccounts', 'ServiceAccount');
/** namespaces of v1. @public */
export const NAMESPACES = named<Namespace>('v1', 'namespaces', 'Namespace', 'cluster');
/** services of v1. @public */
export const SERVICES = named<Service>('v1', 'services', 'Service');
/** endpoints of v1. @public */
export const ENDPOINTS = named<Endpoints>('v1', 'endpoints', 'Endpoints');
/** limitranges of v1. @public */
export const LIMITRANGES = named<LimitRange>('v1', 'limitranges', 'LimitRange');
/** resourcequotas of v1. @public */
export const RESOURCEQUOTAS = named<ResourceQuota>('v1', 'resourcequotas', 'ResourceQuota');
/** persistentvolumes of v1. @public */
export const PERSISTENTVOLUMES = named<PersistentVolume>(
  'v1',
  'persistentvolumes',
  'PersistentVolume',
  'cluster',
);
/** persistentvolumeclaims of v1. @public */
export const PERSISTENTVOLUMECLAIMS = named<PersistentVolumeClaim>(
  'v1',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
);
/** replicationcontrollers of v1. @public */
export const REPLICATIONCONTROLLERS = named<ReplicationController>(
  'v1',
  'replicationcontrollers',
  'ReplicationController',
);
/** leases of coordination.k8s.io/v1. @public */
export const LEASES = named<Lease>('coordination.k8s.io/v1', 'leases', 'Lease');
/** endpointslices of discovery.k8s.io/v1. @public */
export const ENDPOINTSLICES = named<EndpointSlice>('discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice');
/** runtimeclasses of node.k8s.io/v1. @public */
export const RUNTIMECLASSES = named<RuntimeClass>(
  'node.k8s.io/v1',
  'runtimeclasses',
  'RuntimeClass',
  'cluster',
);
/** poddisruptionbudgets of policy/v1. @public */
export const PODDISRUPTIONBUDGETS = named<PodDisruptionBudget>(
  'policy/v1',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
);
/** priorityclasses of scheduling.k8s.io/v1. @public */
export const PRIORITYCLASSES = named<PriorityClass>(
  'scheduling.k8s.io/v1',
  'priorityclasses',
  'PriorityClass',
  'cluster',
);
/** storageclasses of storage.k8s.io/v1. @public */
export const STORAGECLASSES = named<StorageClass>(
  'storage.k8s.io/v1',
  'storageclasses',
  'StorageClass',
  'cluster',
);
/** roles of rbac.authorization.k8s.io/v1. @public */
export const ROLES = named<Role>('rbac.authorization.k8s.io/v1', 'roles', 'Role');
/** rolebindings of rbac.authorization.k8s.io/v1. @public */
export const ROLEBINDINGS = named<RoleBinding>('rbac.authorization.k8s.io/v1', 'rolebindings', 'RoleBinding');
/** clusterroles of rbac.authorization.k8s.io/v1. @public */
export const CLUSTERROLES = named<ClusterRole>(
  'rbac.authorization.k8s.io/v1',
  'clusterroles',
  'ClusterRole',
  'cluster',
);
/** clusterrolebindings of rbac.authorization.k8s.io/v1. @public */
export const CLUSTERROLEBINDINGS = named<ClusterRoleBinding>(
  'rbac.authorization.k8s.io/v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
  'cluster',
);
/** certificatesigningrequests of certificates.k8s.io/v1. @public */
export const SIGNINGREQUESTS = named<CertificateSigningRequest>(
  'certificates.k8s.io/v1',
  'certificatesigningrequests',
  'CertificateSigningRequest',
  'cluster',
);
/** tokenreviews of authentication.k8s.io/v1; create alone. @public */
export const TOKENREVIEWS = named<TokenReview>(
  'authentication.k8s.io/v1',
  'tokenreviews',
  'TokenReview',
  'cluster',
);
/** selfsubjectreviews of authentication.k8s.io/v1; create alone. @public */
export const SELFSUBJECTREVIEWS = named<SelfSubjectReview>(
  'authentication.k8s.io/v1',
  'selfsubjectreviews',
  'SelfSubjectReview',
  'cluster',
);
/** subjectaccessreviews of authorization.k8s.io/v1; create alone. @public */
export const SUBJECTACCESSREVIEWS = named<SubjectAccessReview>(
  'authorization.k8s.io/v1',
  'subjectaccessreviews',
  'SubjectAccessReview',
  'cluster',
);
/** selfsubjectaccessreviews of authorization.k8s.io/v1; create alone. @public */
export const SELFSUBJECTACCESSREVIEWS = named<SelfSubjectAccessReview>(
  'authorization.k8s.io/v1',
  'selfsubjectaccessreviews',
  'SelfSubjectAccessReview',
  'cluster',
);
/** selfsubjectrulesreviews of authorization.k8s.io/v1; create alone. @public */
export const SELFSUBJECTRULESREVIEWS = named<SelfSubjectRulesReview>(
  'authorization.k8s.io/v1',
  'selfsubjectrulesreviews',
  'SelfSubjectRulesReview',
  'cluster',
);
/** localsubjectaccessreviews of authorization.k8s.io/v1; create alone. @public */
export const LOCALSUBJECTACCESSREVIEWS = named<LocalSubjectAccessReview>(
  'authorization.k8s.io/v1',
  'localsubjectaccessreviews',
  'LocalSubjectAccessReview',
);
