// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (storage/v1). Do not edit.
import type { TopologySelectorTerm } from '../core/types.ts';
import type { ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** StorageClass of storage/v1, as the Kubernetes 1.36 API defines it. */
export interface StorageClass {
  allowVolumeExpansion?: boolean;
  allowedTopologies?: TopologySelectorTerm[];
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  mountOptions?: string[];
  parameters?: Record<string, string>;
  provisioner: string;
  reclaimPolicy?: 'Delete' | 'Recycle' | 'Retain';
  volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer';
}

/** StorageClassList of storage/v1, as the Kubernetes 1.36 API defines it. */
export interface StorageClassList {
  apiVersion: string;
  items: StorageClass[];
  kind: string;
  metadata: ListMeta;
}
