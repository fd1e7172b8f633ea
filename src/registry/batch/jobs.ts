import {
  applyJobDefaults,
  applyJobLabels,
  generateSelector,
  inheritTemplateLabels,
  type Job,
  type JobSpec,
  type JobStatus,
  jobSpecWarnings,
  nameWarnings,
  validateJobCreate,
  validateJobStatusUpdate,
  validateJobUpdate,
} from '../../apis/batch/index.ts';
import { dropGatedFields, sameMeaning } from '../../apis/core/index.ts';
import type { PartSubresource, ResourceDefinition, Strategy } from '../../apiserver/resource.ts';
import { jobColumns } from './job-columns.ts';

const strategy: Strategy<Job> = {
  applyDefaults: applyJobDefaults,
  sharesUnchanged: true,
  prepareForCreate(job, { request }) {
    dropGatedFields(job.spec.template.spec);
    // Upstream gives a name of its own to a copy, in which the Job's labels are the template's no more.
    const { labels, generateName } = job.metadata;
    if (labels !== undefined && generateName && !isNamed(request.body)) job.metadata.labels = { ...labels };
    generateSelector(job);
    job.status = {};
    job.metadata.generation = 1;
  },
  validateCreate(job) {
    const errors = validateJobCreate(job);
    // Not before: a name that is no label value is told of once, for the template, not for the Job's labels as well.
    if (errors.length === 0) inheritTemplateLabels(job);
    return errors;
  },
  warningsOnCreate: (job) => [...nameWarnings(job.metadata.name), ...jobSpecWarnings(job.spec, 'spec')],
  prepareForUpdate(job, old) {
    job.status = old.status as JobStatus;
    dropGatedFields(job.spec.template.spec, old.spec.template.spec);
    if (!sameMeaning(job.spec, old.spec)) job.metadata.generation = Number(old.metadata.generation ?? 0) + 1;
  },
  validateUpdate: (job, old, _context, metadata) => validateJobUpdate(job, old, metadata),
  warningsOnUpdate: (job, old) =>
    job.metadata.generation === old.metadata.generation ? [] : jobSpecWarnings(job.spec, 'spec'),
  // Jobs of batch/v1 are older than garbage collection: a delete that names no policy leaves their pods behind.
  defaultPropagation: 'Orphan',
  warningsOnDelete: ({ propagationPolicy, orphanDependents }) =>
    propagationPolicy === undefined && orphanDependents === undefined ? [PODS_ARE_PRESERVED] : [],
};

/** Said at a delete of Jobs that names no policy. */
const PODS_ARE_PRESERVED =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

const status: PartSubresource<Job> = {
  kind: 'part',
  verbs: ['get', 'update', 'patch'],
  prepareForUpdate(job, old) {
    // The stored spec is shared, not copied: nothing changes it from here on.
    job.spec = old.spec as JobSpec;
    applyJobLabels(job);
  },
  validateUpdate: (job, old, _context, { change }) => [...change, ...validateJobStatusUpdate(job, old)],
};

/** `jobs` of batch/v1. */
export const jobs: ResourceDefinition<Job> = {
  group: 'batch',
  version: 'v1',
  resource: 'jobs',
  singular: 'job',
  kind: 'Job',
  namespaced: true,
  categories: ['all'],
  schema: 'io.k8s.api.batch.v1.Job',
  strategy,
  subresources: { status },
  columns: jobColumns,
  fieldRefusal: (field) => `field label ${JSON.stringify(field)} not supported for Job`,
  selectableFields: { 'status.successful': (job) => String(job.status?.succeeded ?? 0) },
};

/** Whether a body says what its object is called. */
function isNamed(body: unknown): boolean {
  const { metadata } = (body ?? {}) as { readonly metadata?: { readonly name?: unknown } };
  return Boolean(metadata?.name);
}
