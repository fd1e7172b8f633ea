// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (node/v1). Do not edit.
import type { Toleration } from '../core/types.ts';
import type { ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** Overhead of node/v1, as the Kubernetes 1.36 API defines it. */
export interface Overhead {
  podFixed?: Record<string, string>;
}

/** RuntimeClass of node/v1, as the Kubernetes 1.36 API defines it. */
export interface RuntimeClass {
  apiVersion: string;
  handler: string;
  kind: string;
  metadata: ObjectMeta;
  overhead?: Overhead;
  scheduling?: Scheduling;
}

/** RuntimeClassList of node/v1, as the Kubernetes 1.36 API defines it. */
export interface RuntimeClassList {
  apiVersion: string;
  items: RuntimeClass[];
  kind: string;
  metadata: ListMeta;
}

/** Scheduling of node/v1, as the Kubernetes 1.36 API defines it. */
export interface Scheduling {
  nodeSelector?: Record<string, string>;
  tolerations?: Toleration[];
}
