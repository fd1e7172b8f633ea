// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (discovery/v1). Do not edit.
import type { ObjectReference } from '../core/types.ts';
import type { ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** Endpoint of discovery/v1, as the Kubernetes 1.36 API defines it. */
export interface Endpoint {
  addresses: string[];
  conditions?: EndpointConditions;
  deprecatedTopology?: Record<string, string>;
  hints?: EndpointHints;
  hostname?: string;
  nodeName?: string;
  targetRef?: ObjectReference;
  zone?: string;
}

/** EndpointConditions of discovery/v1, as the Kubernetes 1.36 API defines it. */
export interface EndpointConditions {
  ready?: boolean;
  serving?: boolean;
  terminating?: boolean;
}

/** EndpointHints of discovery/v1, as the Kubernetes 1.36 API defines it. */
export interface EndpointHints {
  forNodes?: ForNode[];
  forZones?: ForZone[];
}

/** EndpointPort of discovery/v1, as the Kubernetes 1.36 API defines it. */
export interface EndpointPort {
  appProtocol?: string;
  name?: string;
  port?: number;
  protocol?: 'SCTP' | 'TCP' | 'UDP';
}

/** EndpointSlice of discovery/v1, as the Kubernetes 1.36 API defines it. */
export interface EndpointSlice {
  addressType: 'FQDN' | 'IPv4' | 'IPv6';
  apiVersion: string;
  endpoints?: Endpoint[];
  kind: string;
  metadata: ObjectMeta;
  ports?: EndpointPort[];
}

/** EndpointSliceList of discovery/v1, as the Kubernetes 1.36 API defines it. */
export interface EndpointSliceList {
  apiVersion: string;
  items: EndpointSlice[];
  kind: string;
  metadata: ListMeta;
}

/** ForNode of discovery/v1, as the Kubernetes 1.36 API defines it. */
export interface ForNode {
  name: string;
}

/** ForZone of discovery/v1, as the Kubernetes 1.36 API defines it. */
export interface ForZone {
  name: string;
}
