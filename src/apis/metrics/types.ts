// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (metrics/v1beta1). Do not edit.
import type { ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** ContainerMetrics of metrics/v1beta1, as the Kubernetes 1.36 API defines it. */
export interface ContainerMetrics {
  name: string;
  usage: Record<string, string>;
}

/** NodeMetrics of metrics/v1beta1, as the Kubernetes 1.36 API defines it. */
export interface NodeMetrics {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  timestamp: string;
  window: string;
  usage: Record<string, string>;
}

/** NodeMetricsList of metrics/v1beta1, as the Kubernetes 1.36 API defines it. */
export interface NodeMetricsList {
  apiVersion: string;
  items: NodeMetrics[];
  kind: string;
  metadata: ListMeta;
}

/** PodMetrics of metrics/v1beta1, as the Kubernetes 1.36 API defines it. */
export interface PodMetrics {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  containers: ContainerMetrics[];
  timestamp: string;
  window: string;
}

/** PodMetricsList of metrics/v1beta1, as the Kubernetes 1.36 API defines it. */
export interface PodMetricsList {
  apiVersion: string;
  items: PodMetrics[];
  kind: string;
  metadata: ListMeta;
}
