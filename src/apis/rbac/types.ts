// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (rbac/v1). Do not edit.
import type { LabelSelector, ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** AggregationRule of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface AggregationRule {
  clusterRoleSelectors?: LabelSelector[];
}

/** ClusterRole of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface ClusterRole {
  aggregationRule?: AggregationRule;
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  rules?: PolicyRule[];
}

/** ClusterRoleBinding of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface ClusterRoleBinding {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  roleRef: RoleRef;
  subjects?: Subject[];
}

/** ClusterRoleBindingList of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface ClusterRoleBindingList {
  apiVersion: string;
  items: ClusterRoleBinding[];
  kind: string;
  metadata: ListMeta;
}

/** ClusterRoleList of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface ClusterRoleList {
  apiVersion: string;
  items: ClusterRole[];
  kind: string;
  metadata: ListMeta;
}

/** PolicyRule of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface PolicyRule {
  apiGroups?: string[];
  nonResourceURLs?: string[];
  resourceNames?: string[];
  resources?: string[];
  verbs: string[];
}

/** Role of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface Role {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  rules?: PolicyRule[];
}

/** RoleBinding of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface RoleBinding {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  roleRef: RoleRef;
  subjects?: Subject[];
}

/** RoleBindingList of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface RoleBindingList {
  apiVersion: string;
  items: RoleBinding[];
  kind: string;
  metadata: ListMeta;
}

/** RoleList of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface RoleList {
  apiVersion: string;
  items: Role[];
  kind: string;
  metadata: ListMeta;
}

/** RoleRef of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface RoleRef {
  apiGroup?: string;
  kind: string;
  name: string;
}

/** Subject of rbac/v1, as the Kubernetes 1.36 API defines it. */
export interface Subject {
  apiGroup?: string;
  kind: string;
  name: string;
  namespace?: string;
}
