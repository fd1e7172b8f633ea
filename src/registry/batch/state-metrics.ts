/**
 * Jobs and CronJobs as Prometheus metrics, under the names and labels of kube-state-metrics, so that its dashboards and
 * alerts work here. Made when they are asked for, from what the store has at that moment; nothing is kept in between.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { CronJob, Job } from '../../apis/batch/index.ts';
import { parseSchedule, TimeZone } from '../../apis/batch/index.ts';
import type { Storage } from '../../storage/storage.ts';

/** Objects of a kind that are told: beyond, the answer would grow to tens of megabytes. What is left out is counted. */
const OBJECTS_MAX = 10_000;
/** Objects worked on in one turn of the event loop: some milliseconds. */
const TURN_OBJECTS = 250;

/** A line's labels besides those that name the object, and its value. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | bigint];

/** One metric of a kind: what it says of an object; nothing when that does not say. */
interface Family<T> {
  readonly name: string;
  readonly help: string;
  samples(object: DeepReadonly<T>): readonly Sample[];
}

/** One plain number, or nothing when it is not there. */
const one = (value: number | bigint | undefined): readonly Sample[] =>
  value === undefined ? [] : [[{}, value]];
const flag = (value: boolean): number => (value ? 1 : 0);
const seconds = (time: string | undefined): number | undefined =>
  time === undefined ? undefined : Math.floor(Date.parse(time) / 1000);

/** Reasons of failure that have series of their own. */
const FAILURE_REASONS = ['BackoffLimitExceeded', 'DeadlineExceeded', 'Evicted'];

const JOB_FAMILIES: readonly Family<Job>[] = [
  { name: 'kube_job_info', help: 'Information about job.', samples: () => [[{}, 1]] },
  {
    name: 'kube_job_created',
    help: 'Unix creation timestamp',
    samples: ({ metadata }) => one(seconds(metadata.creationTimestamp)),
  },
  {
    name: 'kube_job_spec_parallelism',
    help: 'The maximum desired number of pods the job should run at any given time.',
    samples: ({ spec }) => one(spec.parallelism),
  },
  {
    name: 'kube_job_spec_completions',
    help: 'The desired number of successfully finished pods the job should be run with.',
    samples: ({ spec }) => one(spec.completions),
  },
  {
    name: 'kube_job_spec_active_deadline_seconds',
    help: 'Seconds relative to the startTime that the job may be active before it is terminated.',
    samples: ({ spec }) => one(spec.activeDeadlineSeconds),
  },
  {
    name: 'kube_job_status_succeeded',
    help: 'The number of pods which reached Phase Succeeded.',
    samples: ({ status }) => one(status?.succeeded ?? 0),
  },
  {
    name: 'kube_job_status_failed',
    help: 'The number of pods which reached Phase Failed and the reason for failure.',
    samples: failures,
  },
  {
    name: 'kube_job_status_active',
    help: 'The number of actively running pods.',
    samples: ({ status }) => one(status?.active ?? 0),
  },
  {
    name: 'kube_job_status_ready',
    help: 'The number of ready pods that belong to this Job.',
    samples: ({ status }) => one(status?.ready ?? 0),
  },
  {
    name: 'kube_job_complete',
    help: 'The job has completed its execution.',
    samples: (job) => condition(job, 'Complete'),
  },
  {
    name: 'kube_job_failed',
    help: 'The job has failed its execution.',
    samples: (job) => condition(job, 'Failed'),
  },
  {
    name: 'kube_job_status_start_time',
    help: 'Time when the job was acknowledged by the Job controller.',
    samples: ({ status }) => one(seconds(status?.startTime)),
  },
  {
    name: 'kube_job_status_completion_time',
    help: 'Time when the job was completed.',
    samples: ({ status }) => one(seconds(status?.completionTime)),
  },
  {
    name: 'kube_job_status_suspended',
    help: 'Whether the job is suspended.',
    samples: ({ status }) =>
      (status?.conditions ?? [])
        .filter(({ type }) => type === 'Suspended')
        .map((each): Sample => [{}, flag(each.status === 'True')]),
  },
  { name: 'kube_job_owner', help: "Information about the Job's owner.", samples: owners },
];

function failures({ status }: DeepReadonly<Job>): readonly Sample[] {
  const failed = status?.failed ?? 0;
  if (failed === 0) return [[{}, 0]];
  const ended = (status?.conditions ?? []).filter(({ type }) => type === 'Failed');
  const known = ended.flatMap(({ reason: why }) =>
    FAILURE_REASONS.map((reason): Sample => [{ reason }, flag(why === reason)]),
  );
  return known.some(([, value]) => value === 1) ? known : [...known, [{ reason: '' }, failed]];
}

function condition({ status }: DeepReadonly<Job>, type: string): readonly Sample[] {
  return (status?.conditions ?? [])
    .filter((each) => each.type === type)
    .flatMap((each) =>
      (['true', 'false', 'unknown'] as const).map(
        (value): Sample => [{ condition: value }, flag(each.status.toLowerCase() === value)],
      ),
    );
}

function owners({ metadata }: DeepReadonly<Job>): readonly Sample[] {
  const found = (metadata.ownerReferences ?? []).map(
    ({ kind, name, controller = false }): Sample => [
      { owner_kind: kind, owner_name: name, owner_is_controller: String(controller) },
      1,
    ],
  );
  return found.length > 0 ? found : [[{ owner_kind: '', owner_name: '', owner_is_controller: '' }, 1]];
}

const CRON_JOB_FAMILIES: readonly Family<CronJob>[] = [
  {
    name: 'kube_cronjob_info',
    help: 'Info about cronjob.',
    samples: ({ spec: { schedule, concurrencyPolicy = '', timeZone = '' } }) => [
      [{ schedule, concurrency_policy: concurrencyPolicy, timezone: timeZone }, 1],
    ],
  },
  {
    name: 'kube_cronjob_created',
    help: 'Unix creation timestamp',
    samples: ({ metadata }) => one(seconds(metadata.creationTimestamp)),
  },
  {
    name: 'kube_cronjob_status_active',
    help: 'Active holds pointers to currently running jobs.',
    samples: ({ status }) => one(status?.active?.length ?? 0),
  },
  {
    name: 'kube_cronjob_status_last_schedule_time',
    help: 'When the job was last scheduled.',
    samples: ({ status }) => one(seconds(status?.lastScheduleTime)),
  },
  {
    name: 'kube_cronjob_status_last_successful_time',
    help: 'When the last job completed successfully.',
    samples: ({ status }) => one(seconds(status?.lastSuccessfulTime)),
  },
  {
    name: 'kube_cronjob_spec_suspend',
    help: 'Suspend flag tells the controller to suspend subsequent executions.',
    samples: ({ spec }) => one(flag(spec.suspend === true)),
  },
  {
    name: 'kube_cronjob_spec_starting_deadline_seconds',
    help: 'Deadline in seconds for starting the job if it misses scheduled time for any reason.',
    samples: ({ spec }) => one(spec.startingDeadlineSeconds),
  },
  {
    name: 'kube_cronjob_spec_successful_job_history_limit',
    help: 'How many completed jobs are kept.',
    samples: ({ spec }) => one(spec.successfulJobsHistoryLimit),
  },
  {
    name: 'kube_cronjob_spec_failed_job_history_limit',
    help: 'How many failed jobs are kept.',
    samples: ({ spec }) => one(spec.failedJobsHistoryLimit),
  },
  {
    name: 'kube_cronjob_metadata_resource_version',
    help: 'The version of the cronjob.',
    samples: ({ metadata }) => one(Number(metadata.resourceVersion)),
  },
  {
    name: 'kube_cronjob_next_schedule_time',
    help: 'The next time after the last one, or after the creation; nothing while suspended.',
    samples: nextTime,
  },
];

function nextTime({ spec, status, metadata }: DeepReadonly<CronJob>): readonly Sample[] {
  if (spec.suspend === true) return [];
  const after = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp);
  const next = readable(() => {
    const schedule = parseSchedule(spec.schedule, spec.timeZone);
    const { timeZone: zone = Intl.DateTimeFormat().resolvedOptions().timeZone } = spec;
    return schedule.next(after, schedule.timeZone ?? TimeZone.load(zone));
  });
  return one(next === undefined ? undefined : Math.floor(next / 1000));
}

/** What a schedule and a zone say; nothing when they were stored before they were checked, or the zone is gone. */
function readable(read: () => number | undefined): number | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** The lines of all Jobs and CronJobs of a store, in Prometheus' text format. */
export async function batchMetrics(storage: Storage): Promise<string> {
  const jobs = await familiesOf(storage, 'jobs', 'job_name', JOB_FAMILIES);
  const cronJobs = await familiesOf(storage, 'cronjobs', 'cronjob', CRON_JOB_FAMILIES);
  return jobs + cronJobs;
}

async function familiesOf<T extends Job | CronJob>(
  storage: Storage,
  resource: string,
  nameLabel: string,
  families: readonly Family<T>[],
): Promise<string> {
  const lines = families.map(({ name, help }) => [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`]);
  const { items, remaining } = await storage.list(`/batch/${resource}/`, { limit: OBJECTS_MAX });
  for (const [index, { object }] of items.entries()) {
    if (index % TURN_OBJECTS === TURN_OBJECTS - 1) await nextTurn();
    const { namespace = '', name } = object.metadata;
    const labels = `namespace=${labelText(namespace)},${nameLabel}=${labelText(name)}`;
    for (const [at, family] of families.entries()) {
      for (const [more, value] of family.samples(object as unknown as DeepReadonly<T>)) {
        lines[at]?.push(`${family.name}{${labels}${moreText(more)}} ${value}`);
      }
    }
  }
  const omitted = `longshore_state_metrics_omitted_${resource}`;
  lines.push([
    `# HELP ${omitted} Objects beyond the ${OBJECTS_MAX} that are told.`,
    `# TYPE ${omitted} gauge`,
    `${omitted} ${remaining}`,
  ]);
  return lines
    .flat()
    .map((line) => `${line}\n`)
    .join('');
}

function moreText(labels: Readonly<Record<string, string>>): string {
  let text = '';
  for (const [name, value] of Object.entries(labels)) text += `,${name}=${labelText(value)}`;
  return text;
}

/** A label's value as the text format quotes it. */
function labelText(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
