// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (coordination/v1). Do not edit.
import type { ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** Lease of coordination/v1, as the Kubernetes 1.36 API defines it. */
export interface Lease {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: LeaseSpec;
}

/** LeaseList of coordination/v1, as the Kubernetes 1.36 API defines it. */
export interface LeaseList {
  apiVersion: string;
  items: Lease[];
  kind: string;
  metadata: ListMeta;
}

/** LeaseSpec of coordination/v1, as the Kubernetes 1.36 API defines it. */
export interface LeaseSpec {
  acquireTime?: string;
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  leaseTransitions?: number;
  preferredHolder?: string;
  renewTime?: string;
  strategy?: string;
}
