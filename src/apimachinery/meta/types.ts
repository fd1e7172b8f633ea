// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (meta/v1). Do not edit.
import type { Int64 } from '../exact-json.ts';

/** APIResource of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface APIResource {
  categories?: string[];
  group?: string;
  kind: string;
  name: string;
  namespaced: boolean;
  shortNames?: string[];
  singularName: string;
  storageVersionHash?: string;
  verbs: string[];
  version?: string;
}

/** APIResourceList of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface APIResourceList {
  apiVersion?: string;
  groupVersion: string;
  kind?: string;
  resources: APIResource[];
}

/** Condition of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface Condition {
  lastTransitionTime: string;
  message: string;
  observedGeneration?: Int64;
  reason: string;
  status: string;
  type: string;
}

/** DeleteOptions of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface DeleteOptions {
  apiVersion?: string;
  dryRun?: string[];
  gracePeriodSeconds?: Int64;
  ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
  kind?: string;
  orphanDependents?: boolean;
  preconditions?: Preconditions;
  propagationPolicy?: string;
}

/** FieldSelectorRequirement of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface FieldSelectorRequirement {
  key: string;
  operator: string;
  values?: string[];
}

/** LabelSelector of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface LabelSelector {
  matchExpressions?: LabelSelectorRequirement[];
  matchLabels?: Record<string, string>;
}

/** LabelSelectorRequirement of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface LabelSelectorRequirement {
  key: string;
  operator: string;
  values?: string[];
}

/** ListMeta of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface ListMeta {
  continue?: string;
  remainingItemCount?: Int64;
  resourceVersion?: string;
  selfLink?: string;
  shardInfo?: ShardInfo;
}

/** ManagedFieldsEntry of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface ManagedFieldsEntry {
  apiVersion?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
  manager?: string;
  operation?: string;
  subresource?: string;
  time?: string;
}

/** ObjectMeta of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface ObjectMeta {
  annotations?: Record<string, string>;
  creationTimestamp: string;
  deletionGracePeriodSeconds?: Int64;
  deletionTimestamp?: string;
  finalizers?: string[];
  generateName?: string;
  generation?: Int64;
  labels?: Record<string, string>;
  managedFields?: ManagedFieldsEntry[];
  name: string;
  namespace?: string;
  ownerReferences?: OwnerReference[];
  resourceVersion: string;
  selfLink?: string;
  uid: string;
}

/** OwnerReference of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface OwnerReference {
  apiVersion: string;
  blockOwnerDeletion?: boolean;
  controller?: boolean;
  kind: string;
  name: string;
  uid: string;
}

/** Preconditions of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface Preconditions {
  resourceVersion?: string;
  uid?: string;
}

/** ShardInfo of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface ShardInfo {
  selector: string;
}

/** Status of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface Status {
  apiVersion: string;
  code?: number;
  details?: StatusDetails;
  kind: string;
  message?: string;
  metadata: ListMeta;
  reason?: string;
  status: string;
}

/** StatusCause of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface StatusCause {
  field?: string;
  message?: string;
  reason?: string;
}

/** StatusDetails of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface StatusDetails {
  causes?: StatusCause[];
  group?: string;
  kind?: string;
  name?: string;
  retryAfterSeconds?: number;
  uid?: string;
}

/** WatchEvent of meta/v1, as the Kubernetes 1.36 API defines it. */
export interface WatchEvent {
  object: unknown;
  type: string;
}
