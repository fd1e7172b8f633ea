// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (authentication/v1). Do not edit.
import type { Int64 } from '../../apimachinery/exact-json.ts';
import type { ObjectMeta } from '../../apimachinery/meta/types.ts';

/** BoundObjectReference of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface BoundObjectReference {
  apiVersion?: string;
  kind?: string;
  name?: string;
  uid?: string;
}

/** SelfSubjectReview of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface SelfSubjectReview {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  status: SelfSubjectReviewStatus;
}

/** SelfSubjectReviewStatus of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface SelfSubjectReviewStatus {
  userInfo?: UserInfo;
}

/** TokenRequest of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface TokenRequest {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: TokenRequestSpec;
  status: TokenRequestStatus;
}

/** TokenRequestSpec of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface TokenRequestSpec {
  audiences?: string[];
  boundObjectRef?: BoundObjectReference;
  expirationSeconds?: Int64;
}

/** TokenRequestStatus of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface TokenRequestStatus {
  expirationTimestamp?: string;
  token?: string;
}

/** TokenReview of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface TokenReview {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: TokenReviewSpec;
  status: TokenReviewStatus;
}

/** TokenReviewSpec of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface TokenReviewSpec {
  audiences?: string[];
  token: string;
}

/** TokenReviewStatus of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface TokenReviewStatus {
  audiences?: string[];
  authenticated?: boolean;
  error?: string;
  user?: UserInfo;
}

/** UserInfo of authentication/v1, as the Kubernetes 1.36 API defines it. */
export interface UserInfo {
  extra?: Record<string, string[]>;
  groups?: string[];
  uid?: string;
  username?: string;
}
