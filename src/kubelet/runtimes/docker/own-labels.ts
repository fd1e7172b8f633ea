/**
 * The labels by which this runtime finds what is its own in an engine that others use too, after a restart as well. What the
 * node agent wants to know again is kept as JSON in one label: Docker has no annotations, and adds an image's labels to its
 * containers'.
 */

import type { ContainerConfig } from '../container.ts';
import { OWNER_LABEL, type Owner } from '../owner.ts';
import type { SandboxConfig } from '../sandbox.ts';
import type { TextMap } from '../text-map.ts';

/** `sandbox` or `container`. */
export const ROLE_LABEL = 'dev.longshore.role';
/** Id of a container's sandbox. */
export const SANDBOX_LABEL = 'dev.longshore.sandbox';
const RECORD_LABEL = 'dev.longshore.record';

/** What is kept of a sandbox. */
export interface SandboxRecord {
  readonly metadata: SandboxConfig['metadata'];
  readonly labels: TextMap;
  readonly annotations: TextMap;
}

/** What is kept of a container. */
export interface ContainerRecord {
  readonly metadata: ContainerConfig['metadata'];
  readonly labels: TextMap;
  readonly annotations: TextMap;
  readonly image: string;
  /** Where its log goes. */
  readonly logFile: string;
  readonly tty: boolean;
}

/** The labels of a sandbox. */
export function sandboxLabels(owner: Owner, { metadata, labels, annotations }: SandboxConfig): TextMap {
  const record: SandboxRecord = { metadata, labels, annotations };
  return { ...labels, ...owner.labels, [ROLE_LABEL]: 'sandbox', [RECORD_LABEL]: JSON.stringify(record) };
}

/** The labels of a container. */
export function containerLabels(owner: Owner, sandboxId: string, record: ContainerRecord): TextMap {
  return {
    ...record.labels,
    ...owner.labels,
    [ROLE_LABEL]: 'container',
    [SANDBOX_LABEL]: sandboxId,
    [RECORD_LABEL]: JSON.stringify(record),
  };
}

/** What was kept of a sandbox; undefined when these are not the labels of one of that owner. */
export function sandboxRecord(owner: string, labels: TextMap | null): SandboxRecord | undefined {
  return recordOf<SandboxRecord>(owner, 'sandbox', labels);
}

/** What was kept of a container, and its sandbox's id; undefined when these are not the labels of one of that owner. */
export function containerRecord(
  owner: string,
  labels: TextMap | null,
): (ContainerRecord & { readonly sandboxId: string }) | undefined {
  const record = recordOf<ContainerRecord>(owner, 'container', labels);
  return record === undefined ? undefined : { ...record, sandboxId: labels?.[SANDBOX_LABEL] ?? '' };
}

function recordOf<Record>(owner: string, role: string, labels: TextMap | null): Record | undefined {
  if (labels?.[OWNER_LABEL] !== owner || labels[ROLE_LABEL] !== role) return undefined;
  return JSON.parse(labels[RECORD_LABEL] ?? '{}') as Record;
}
