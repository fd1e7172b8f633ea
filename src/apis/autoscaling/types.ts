// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (autoscaling/v1). Do not edit.
import type { ObjectMeta } from '../../apimachinery/meta/types.ts';

/** Scale of autoscaling/v1, as the Kubernetes 1.36 API defines it. */
export interface Scale {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: ScaleSpec;
  status: ScaleStatus;
}

/** ScaleSpec of autoscaling/v1, as the Kubernetes 1.36 API defines it. */
export interface ScaleSpec {
  replicas?: number;
}

/** ScaleStatus of autoscaling/v1, as the Kubernetes 1.36 API defines it. */
export interface ScaleStatus {
  replicas: number;
  selector?: string;
}
