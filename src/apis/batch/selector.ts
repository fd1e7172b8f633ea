/** The selector and the labels by which a Job finds its pods. */

import {
  CONTROLLER_UID_LABEL,
  JOB_NAME_LABEL,
  LEGACY_CONTROLLER_UID_LABEL,
  LEGACY_JOB_NAME_LABEL,
} from './names.ts';
import type { Job } from './types.ts';

/**
 * Gives a new Job, whose uid is known, its selector and its pods' labels, unless `manualSelector` is set. Labels that a
 * user wrote stay; validation refuses them where they contradict the generated ones.
 */
export function generateSelector(job: Job): void {
  const { spec, metadata } = job;
  // A Job without a name is refused for that alone.
  const name = (metadata.name as string | undefined) ?? '';
  if (spec.manualSelector) return;
  spec.template.metadata ??= {};
  spec.template.metadata.labels ??= {};
  const { labels } = spec.template.metadata;
  for (const key of [LEGACY_JOB_NAME_LABEL, JOB_NAME_LABEL])
    if (!Object.hasOwn(labels, key)) labels[key] = name;
  for (const key of [LEGACY_CONTROLLER_UID_LABEL, CONTROLLER_UID_LABEL]) {
    if (!Object.hasOwn(labels, key)) labels[key] = metadata.uid;
  }
  spec.selector ??= {};
  spec.selector.matchLabels ??= {};
  if (!Object.hasOwn(spec.selector.matchLabels, CONTROLLER_UID_LABEL)) {
    spec.selector.matchLabels[CONTROLLER_UID_LABEL] = metadata.uid;
  }
}

/** What a stored Job shows: it carries its template's labels when it has none of its own. */
export function inheritTemplateLabels(job: Job): void {
  const labels = job.spec.template.metadata?.labels;
  if (labels !== undefined && Object.keys(job.metadata.labels ?? {}).length === 0)
    job.metadata.labels = labels;
}
