// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (events/v1). Do not edit.
import type { EventSource, ObjectReference } from '../core/types.ts';
import type { ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** Event of events/v1, as the Kubernetes 1.36 API defines it. */
export interface Event {
  action?: string;
  apiVersion: string;
  deprecatedCount?: number;
  deprecatedFirstTimestamp?: string;
  deprecatedLastTimestamp?: string;
  deprecatedSource?: EventSource;
  eventTime: string;
  kind: string;
  metadata: ObjectMeta;
  note?: string;
  reason?: string;
  regarding?: ObjectReference;
  related?: ObjectReference;
  reportingController?: string;
  reportingInstance?: string;
  series?: EventSeries;
  type?: string;
}

/** EventList of events/v1, as the Kubernetes 1.36 API defines it. */
export interface EventList {
  apiVersion: string;
  items: Event[];
  kind: string;
  metadata: ListMeta;
}

/** EventSeries of events/v1, as the Kubernetes 1.36 API defines it. */
export interface EventSeries {
  count: number;
  lastObservedTime: string;
}
