/** The cluster roles and bindings that exist from the first start. */
import type { Draft } from '../../apimachinery/meta/object.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Subject } from './types.ts';

/** The API group of roles and bindings. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io';
const BOOTSTRAPPING = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const ANNOTATIONS = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };

/** The roles for users of a namespace, each with the next greater one that its rules become part of. */
const AGGREGATED = [
  { name: 'admin', into: undefined, from: ['view', 'edit', 'admin'] },
  { name: 'edit', into: 'admin', from: ['view', 'edit'] },
  { name: 'view', into: 'edit', from: ['view'] },
] as const;

/** The default cluster roles. Aggregated ones carry the rules that the default roles give them. */
export function defaultClusterRoles(): Draft<ClusterRole>[] {
  const aggregated = AGGREGATED.map(({ name, into, from }) =>
    clusterRole(
      name,
      from.flatMap((each) => DEFAULT_RULES[`system:aggregate-to-${each}`] ?? []),
      into === undefined ? {} : aggregationLabel(into),
      { clusterRoleSelectors: [{ matchLabels: aggregationLabel(name) }] },
    ),
  );
  const plain = Object.entries(DEFAULT_RULES).map(([name, rules]) => {
    const into = /^system:aggregate-to-(.+)$/.exec(name)?.[1];
    return clusterRole(name, rules, into === undefined ? {} : aggregationLabel(into));
  });
  return [...aggregated, ...plain];
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

/**
 * The default bindings, each of a role of the same name. Nodes get theirs by group: there is no node authorizer here that
 * would look at each of their requests instead.
 */
const BINDINGS: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group('system:masters')],
  'system:basic-user': [group('system:authenticated')],
  'system:discovery': [group('system:authenticated')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:monitoring': [group('system:monitoring')],
  'system:node': [group('system:nodes')],
  'system:public-info-viewer': [group('system:authenticated'), group('system:unauthenticated')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
};

/** The default cluster role bindings. */
export function defaultClusterRoleBindings(): Draft<ClusterRoleBinding>[] {
  return Object.entries(BINDINGS).map(([name, subjects]) => ({
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: { ...BOOTSTRAPPING }, annotations: { ...ANNOTATIONS } },
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name },
    subjects: structuredClone([...subjects]),
  }));
}
