import {
  applyCronJobDefaults,
  type CronJob,
  type CronJobSpec,
  type CronJobStatus,
  jobSpecWarnings,
  nameWarnings,
  scheduleWarnings,
  validateCronJobCreate,
  validateCronJobUpdate,
} from '../../apis/batch/index.ts';
import { dropGatedFields, sameMeaning } from '../../apis/core/index.ts';
import type { PartSubresource, ResourceDefinition, Strategy, TableColumn } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, since, templateColumns, text } from '../table/index.ts';

const TEMPLATE = 'spec.jobTemplate.spec';

const podSpecOf = ({ spec }: CronJob) => spec.jobTemplate.spec?.template.spec;

const strategy: Strategy<CronJob> = {
  applyDefaults: applyCronJobDefaults,
  prepareForCreate(cronJob) {
    dropGatedFields(podSpecOf(cronJob));
    cronJob.status = {};
    cronJob.metadata.generation = 1;
  },
  validateCreate: (cronJob) => validateCronJobCreate(cronJob),
  warningsOnCreate: ({ metadata, spec }) => [
    ...nameWarnings(metadata.name),
    ...(spec.jobTemplate.spec === undefined ? [] : jobSpecWarnings(spec.jobTemplate.spec, TEMPLATE)),
  ],
  prepareForUpdate(cronJob, old) {
    cronJob.status = old.status as CronJobStatus;
    dropGatedFields(podSpecOf(cronJob), old.spec.jobTemplate.spec?.template.spec);
    if (!sameMeaning(cronJob.spec, old.spec))
      cronJob.metadata.generation = Number(old.metadata.generation ?? 0) + 1;
  },
  validateUpdate: (cronJob, old, _context, { change }) => [...change, ...validateCronJobUpdate(cronJob, old)],
  warningsOnUpdate({ metadata, spec }, old) {
    const changed = metadata.generation !== old.metadata.generation;
    const template = spec.jobTemplate.spec;
    return [
      ...(changed && template !== undefined ? jobSpecWarnings(template, TEMPLATE) : []),
      ...scheduleWarnings(spec),
    ];
  },
};

const status: PartSubresource<CronJob> = {
  kind: 'part',
  verbs: ['get', 'update', 'patch'],
  prepareForUpdate(cronJob, old) {
    // The stored spec is shared, not copied: nothing changes it from here on.
    cronJob.spec = old.spec as CronJobSpec;
  },
  validateUpdate: () => [],
};

const columns: readonly TableColumn<CronJob>[] = [
  nameColumn,
  text('Schedule', 'When it runs, in cron format.', ({ spec }) => spec.schedule),
  text('Timezone', 'The zone of the schedule.', ({ spec }) => spec.timeZone ?? '<none>'),
  {
    name: 'Suspend',
    type: 'boolean',
    description: 'Whether no further runs are started.',
    priority: 0,
    cell: ({ spec }) => (spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False'),
  },
  {
    name: 'Active',
    type: 'integer',
    description: 'How many of its Jobs are running.',
    priority: 0,
    cell: (cronJob) => cronJob.status?.active?.length ?? 0,
  },
  text('Last Schedule', 'When a Job was last started.', (cronJob, now) =>
    cronJob.status?.lastScheduleTime === undefined ? '<none>' : since(cronJob.status.lastScheduleTime, now),
  ),
  ageColumn,
  ...templateColumns<CronJob>(({ spec }) => ({
    containers: spec.jobTemplate.spec?.template.spec?.containers ?? [],
    selector: spec.jobTemplate.spec?.selector,
  })),
];

/** `cronjobs` of batch/v1. */
export const cronJobs: ResourceDefinition<CronJob> = {
  group: 'batch',
  version: 'v1',
  resource: 'cronjobs',
  singular: 'cronjob',
  kind: 'CronJob',
  namespaced: true,
  shortNames: ['cj'],
  categories: ['all'],
  schema: 'io.k8s.api.batch.v1.CronJob',
  strategy,
  subresources: { status },
  columns,
};
