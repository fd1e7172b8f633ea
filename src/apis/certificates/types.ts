// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (certificates/v1). Do not edit.
import type { ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** CertificateSigningRequest of certificates/v1, as the Kubernetes 1.36 API defines it. */
export interface CertificateSigningRequest {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: CertificateSigningRequestSpec;
  status: CertificateSigningRequestStatus;
}

/** CertificateSigningRequestCondition of certificates/v1, as the Kubernetes 1.36 API defines it. */
export interface CertificateSigningRequestCondition {
  lastTransitionTime?: string;
  lastUpdateTime?: string;
  message?: string;
  reason?: string;
  status: string;
  type: string;
}

/** CertificateSigningRequestList of certificates/v1, as the Kubernetes 1.36 API defines it. */
export interface CertificateSigningRequestList {
  apiVersion: string;
  items: CertificateSigningRequest[];
  kind: string;
  metadata: ListMeta;
}

/** CertificateSigningRequestSpec of certificates/v1, as the Kubernetes 1.36 API defines it. */
export interface CertificateSigningRequestSpec {
  expirationSeconds?: number;
  extra?: Record<string, string[]>;
  groups?: string[];
  request: string;
  signerName: string;
  uid?: string;
  usages?: string[];
  username?: string;
}

/** CertificateSigningRequestStatus of certificates/v1, as the Kubernetes 1.36 API defines it. */
export interface CertificateSigningRequestStatus {
  certificate?: string;
  conditions?: CertificateSigningRequestCondition[];
}
