// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (scheduling/v1). Do not edit.
import type { ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** PriorityClass of scheduling/v1, as the Kubernetes 1.36 API defines it. */
export interface PriorityClass {
  apiVersion: string;
  description?: string;
  globalDefault?: boolean;
  kind: string;
  metadata: ObjectMeta;
  preemptionPolicy?: 'Never' | 'PreemptLowerPriority';
  value?: number;
}

/** PriorityClassList of scheduling/v1, as the Kubernetes 1.36 API defines it. */
export interface PriorityClassList {
  apiVersion: string;
  items: PriorityClass[];
  kind: string;
  metadata: ListMeta;
}
