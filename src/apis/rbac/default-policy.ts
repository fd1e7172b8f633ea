/** The cluster roles and bindings that exist from the first start. */
import type { Draft } from '../../apimachinery/meta/object.ts';
import { CONTROLLER_RULES } from './controller-rules.ts';
import { DEFAULT_RULES, NAMESPACE_RULES } from './default-rules.ts';
import { READ, rule } from './rule-shorthand.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from './types.ts';

/** The API group of roles and bindings. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io';
const KUBE_SYSTEM = 'kube-system';
const CONTROLLER_PREFIX = 'system:controller:';
const BOOTSTRAPPING = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const ANNOTATIONS = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };

/** Lets somebody see what nodes and pods use. */
const METRICS_RULE = rule(READ, 'metrics.k8s.io', 'nodes pods');

/**
 * The roles for users of a namespace, each with the next greater one that its rules become part of. `from` is in the order
 * in which the aggregation controller gathers, so that it finds nothing to do at the first start.
 */
const AGGREGATED = [
  { name: 'admin', into: undefined, from: ['edit', 'view', 'admin'] },
  { name: 'edit', into: 'admin', from: ['edit', 'view'] },
  { name: 'view', into: 'edit', from: ['view'] },
] as const;

/** The default cluster roles. Aggregated ones carry the rules that the default roles give them. */
export function defaultClusterRoles(): Draft<ClusterRole>[] {
  const aggregated = AGGREGATED.map(({ name, into, from }) =>
    clusterRole(
      name,
      [...from.flatMap((each) => DEFAULT_RULES[`system:aggregate-to-${each}`] ?? []), METRICS_RULE],
      into === undefined ? {} : aggregationLabel(into),
      { clusterRoleSelectors: [{ matchLabels: aggregationLabel(name) }] },
    ),
  );
  const plain = Object.entries(DEFAULT_RULES).map(([name, rules]) => {
    const into = /^system:aggregate-to-(.+)$/.exec(name)?.[1];
    return clusterRole(name, rules, into === undefined ? {} : aggregationLabel(into));
  });
  const controllers = Object.entries(CONTROLLER_RULES).map(([name, rules]) =>
    clusterRole(CONTROLLER_PREFIX + name, rules, {}),
  );
  return [...aggregated, ...plain, ...controllers, metricsReader()];
}

/** What metrics-server brings with it, so that whoever may look at pods may look at what they use. */
function metricsReader(): Draft<ClusterRole> {
  return clusterRole(
    'system:aggregated-metrics-reader',
    [METRICS_RULE],
    Object.assign({}, ...AGGREGATED.map(({ name }) => aggregationLabel(name))),
  );
}

function aggregationLabel(into: string): Record<string, string> {
  return { [`${RBAC_GROUP}/aggregate-to-${into}`]: 'true' };
}

function clusterRole(
  name: string,
  rules: readonly PolicyRule[],
  labels: Record<string, string>,
  aggregationRule?: ClusterRole['aggregationRule'],
): Draft<ClusterRole> {
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: 'ClusterRole',
    metadata: { name, labels: { ...BOOTSTRAPPING, ...labels }, annotations: { ...ANNOTATIONS } },
    rules: structuredClone([...rules]),
    ...(aggregationRule === undefined ? {} : { aggregationRule }),
  };
}

const group = (name: string): Subject => ({ apiGroup: RBAC_GROUP, kind: 'Group', name });
const user = (name: string): Subject => ({ apiGroup: RBAC_GROUP, kind: 'User', name });
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: KUBE_SYSTEM });

/**
 * The default bindings, each of a role of the same name. Nobody is bound to the nodes' own: the node authorizer looks at
 * each of their requests instead.
 */
const BINDINGS: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group('system:masters')],
  'system:basic-user': [group('system:authenticated')],
  'system:discovery': [group('system:authenticated')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [account('kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:monitoring': [group('system:monitoring')],
  'system:node': [],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:public-info-viewer': [group('system:authenticated'), group('system:unauthenticated')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
};

/** The default cluster role bindings. */
export function defaultClusterRoleBindings(): Draft<ClusterRoleBinding>[] {
  const controllers = Object.keys(CONTROLLER_RULES).map(
    (name) => [CONTROLLER_PREFIX + name, [account(name)]] as const,
  );
  return [...Object.entries(BINDINGS), ...controllers].map(([name, subjects]) => ({
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: { ...BOOTSTRAPPING }, annotations: { ...ANNOTATIONS } },
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name },
    ...(subjects.length === 0 ? {} : { subjects: structuredClone([...subjects]) }),
  }));
}

/** What every node agent may do, but for what is looked at object by object. */
export function nodeRules(): readonly PolicyRule[] {
  return DEFAULT_RULES['system:node'] ?? [];
}

/** The default roles of namespaces. */
export function defaultRoles(): Draft<Role>[] {
  return Object.entries(NAMESPACE_RULES).flatMap(([namespace, roles]) =>
    Object.entries(roles).map(([name, rules]) => ({
      apiVersion: `${RBAC_GROUP}/v1`,
      kind: 'Role',
      metadata: metadataIn(namespace, name),
      rules: structuredClone([...rules]),
    })),
  );
}

interface NamespaceBinding {
  readonly name: string;
  /** Default: kube-system. */
  readonly namespace?: string;
  /** Default: the one of the same name. */
  readonly role?: string;
  readonly subjects: readonly Subject[];
}

/** Who locks for the lead of a component, who reads how to trust the server, and the loops that work in one namespace. */
const NAMESPACE_BINDINGS: readonly NamespaceBinding[] = [
  {
    name: 'system::extension-apiserver-authentication-reader',
    role: 'extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  {
    name: 'system::leader-locking-kube-controller-manager',
    subjects: [
      user('system:kube-controller-manager'),
      account('kube-controller-manager'),
      account('leader-election-controller'),
    ],
  },
  {
    name: 'system::leader-locking-kube-scheduler',
    subjects: [user('system:kube-scheduler'), account('kube-scheduler')],
  },
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-public',
    subjects: [account('bootstrap-signer')],
  },
  { name: 'system:controller:bootstrap-signer', subjects: [account('bootstrap-signer')] },
  { name: 'system:controller:cloud-provider', subjects: [account('cloud-provider')] },
  { name: 'system:controller:token-cleaner', subjects: [account('token-cleaner')] },
];

/** The default role bindings of namespaces. */
export function defaultRoleBindings(): Draft<RoleBinding>[] {
  return NAMESPACE_BINDINGS.map(({ name, namespace = KUBE_SYSTEM, role = name, subjects }) => ({
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: 'RoleBinding',
    metadata: metadataIn(namespace, name),
    roleRef: { apiGroup: RBAC_GROUP, kind: 'Role', name: role },
    subjects: structuredClone([...subjects]),
  }));
}

function metadataIn(namespace: string, name: string): Draft<Role>['metadata'] {
  return { name, namespace, labels: { ...BOOTSTRAPPING }, annotations: { ...ANNOTATIONS } };
}
