// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (policy/v1). Do not edit.
import type { Int64 } from '../../apimachinery/exact-json.ts';
import type { Condition, DeleteOptions, LabelSelector, ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** Eviction of policy/v1, as the Kubernetes 1.36 API defines it. */
export interface Eviction {
  apiVersion: string;
  deleteOptions?: DeleteOptions;
  kind: string;
  metadata: ObjectMeta;
}

/** PodDisruptionBudget of policy/v1, as the Kubernetes 1.36 API defines it. */
export interface PodDisruptionBudget {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: PodDisruptionBudgetSpec;
  status: PodDisruptionBudgetStatus;
}

/** PodDisruptionBudgetList of policy/v1, as the Kubernetes 1.36 API defines it. */
export interface PodDisruptionBudgetList {
  apiVersion: string;
  items: PodDisruptionBudget[];
  kind: string;
  metadata: ListMeta;
}

/** PodDisruptionBudgetSpec of policy/v1, as the Kubernetes 1.36 API defines it. */
export interface PodDisruptionBudgetSpec {
  maxUnavailable?: number | string;
  minAvailable?: number | string;
  selector?: LabelSelector;
  unhealthyPodEvictionPolicy?: 'AlwaysAllow' | 'IfHealthyBudget';
}

/** PodDisruptionBudgetStatus of policy/v1, as the Kubernetes 1.36 API defines it. */
export interface PodDisruptionBudgetStatus {
  conditions?: Condition[];
  currentHealthy?: number;
  desiredHealthy?: number;
  disruptedPods?: Record<string, string>;
  disruptionsAllowed?: number;
  expectedPods?: number;
  observedGeneration?: Int64;
}
