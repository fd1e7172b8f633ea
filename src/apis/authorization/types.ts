// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (authorization/v1). Do not edit.
import type { FieldSelectorRequirement, LabelSelectorRequirement, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** FieldSelectorAttributes of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface FieldSelectorAttributes {
  rawSelector?: string;
  requirements?: FieldSelectorRequirement[];
}

/** LabelSelectorAttributes of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface LabelSelectorAttributes {
  rawSelector?: string;
  requirements?: LabelSelectorRequirement[];
}

/** LocalSubjectAccessReview of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface LocalSubjectAccessReview {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: SubjectAccessReviewSpec;
  status: SubjectAccessReviewStatus;
}

/** NonResourceAttributes of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface NonResourceAttributes {
  path?: string;
  verb?: string;
}

/** NonResourceRule of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface NonResourceRule {
  nonResourceURLs?: string[];
  verbs: string[];
}

/** ResourceAttributes of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceAttributes {
  fieldSelector?: FieldSelectorAttributes;
  group?: string;
  labelSelector?: LabelSelectorAttributes;
  name?: string;
  namespace?: string;
  resource?: string;
  subresource?: string;
  verb?: string;
  version?: string;
}

/** ResourceRule of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceRule {
  apiGroups?: string[];
  resourceNames?: string[];
  resources?: string[];
  verbs: string[];
}

/** SelfSubjectAccessReview of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface SelfSubjectAccessReview {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: SelfSubjectAccessReviewSpec;
  status: SubjectAccessReviewStatus;
}

/** SelfSubjectAccessReviewSpec of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface SelfSubjectAccessReviewSpec {
  nonResourceAttributes?: NonResourceAttributes;
  resourceAttributes?: ResourceAttributes;
}

/** SelfSubjectRulesReview of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface SelfSubjectRulesReview {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: SelfSubjectRulesReviewSpec;
  status: SubjectRulesReviewStatus;
}

/** SelfSubjectRulesReviewSpec of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface SelfSubjectRulesReviewSpec {
  namespace?: string;
}

/** SubjectAccessReview of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface SubjectAccessReview {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: SubjectAccessReviewSpec;
  status: SubjectAccessReviewStatus;
}

/** SubjectAccessReviewSpec of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface SubjectAccessReviewSpec {
  extra?: Record<string, string[]>;
  groups?: string[];
  nonResourceAttributes?: NonResourceAttributes;
  resourceAttributes?: ResourceAttributes;
  uid?: string;
  user?: string;
}

/** SubjectAccessReviewStatus of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface SubjectAccessReviewStatus {
  allowed: boolean;
  denied?: boolean;
  evaluationError?: string;
  reason?: string;
}

/** SubjectRulesReviewStatus of authorization/v1, as the Kubernetes 1.36 API defines it. */
export interface SubjectRulesReviewStatus {
  evaluationError?: string;
  incomplete: boolean;
  nonResourceRules: NonResourceRule[];
  resourceRules: ResourceRule[];
}
