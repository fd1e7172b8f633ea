/** Every run of a CronJob, put together from the Jobs and Events that exist. Pure. */

import { rfc3339 } from '../../apimachinery/clock.ts';
import { findTrueCondition } from '../../apimachinery/meta/conditions.ts';
import { isControlledBy } from '../../apimachinery/meta/controller-ref.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  isJobSuspended,
  jobFinishTime,
  RUN_NOW_ANNOTATION,
  SCHEDULED_TIMESTAMP_ANNOTATION,
} from '../../apis/batch/index.ts';
import type { CronJob, Job } from '../../apis/batch/types.ts';
import {
  USAGE_EVENT_REASON,
  type UsageByContainer,
  usageInAll,
  usageInSentence,
} from '../../apis/core/index.ts';
import type { Event, Pod } from '../../apis/core/types.ts';
import { eventTime } from '../wording/event-time.ts';
import { endOf } from '../wording/job-state.ts';
import { containerStatuses } from '../wording/pod-state.ts';
import { usageOfJob } from '../wording/used-resources.ts';
import type { Run } from './cron-run.ts';
import { oldestFirst, type ToldRun } from './run-order.ts';

/** What the server has about a CronJob: Jobs, Pods and Events of its namespace; what belongs to others is left out. */
export interface HistorySources {
  readonly jobs: readonly DeepReadonly<Job>[];
  readonly pods: readonly DeepReadonly<Pod>[];
  readonly events: readonly DeepReadonly<Event>[];
}

/** The runs, oldest first. */
export function historyOf(cronJob: DeepReadonly<CronJob>, sources: HistorySources): readonly Run[] {
  const { uid } = cronJob.metadata;
  const jobs = sources.jobs.filter((job) => isControlledBy(job, cronJob));
  const events = sources.events.filter((event) => event.involvedObject.uid === uid);
  const used = usageOfGone(sources.events);
  const present = new Set(jobs.map((job) => job.metadata.name));
  const creations = creationsIn(events);
  const begun = [...jobs.map((job) => runOf(job, sources.pods)), ...goneRuns(events, present, used)].map(
    (run) => {
      const event = creations.get(run.job ?? '');
      return { run, ...(event === undefined ? {} : { event }) };
    },
  );
  const missed = events.flatMap((event) => missedRun(event).map((run) => ({ run, event })));
  return oldestFirst(withLateRuns(begun, missed));
}

/** A time that was told of as missed and ran later after all is one run, which says why it was late. */
function withLateRuns(begun: readonly ToldRun[], missed: readonly ToldRun[]): readonly ToldRun[] {
  const ran = new Map(begun.map(({ run }) => [run.scheduledFor, run]));
  const reasons = new Map<string | undefined, string>();
  const left = missed.filter(({ run }) => {
    const late = run.missed === undefined && run.scheduledFor !== undefined && ran.has(run.scheduledFor);
    if (late) reasons.set(run.scheduledFor, `started late: ${run.why}`);
    return !late;
  });
  const explained = begun.map((told): ToldRun => {
    const late = reasons.get(told.run.scheduledFor);
    if (late === undefined) return told;
    const why = told.run.why === undefined ? late : `${told.run.why}; ${late}`;
    return { ...told, run: { ...told.run, why } };
  });
  return [...explained, ...left];
}

function runOf(job: DeepReadonly<Job>, pods: readonly DeepReadonly<Pod>[]): Run {
  const { annotations, name, creationTimestamp } = job.metadata;
  const end = endOf(job);
  const finish = jobFinishTime(job);
  const scheduled = annotations?.[SCHEDULED_TIMESTAMP_ANNOTATION];
  const failure = findTrueCondition(job.status.conditions, 'Failed');
  const why = failure === undefined ? undefined : `${failure.reason ?? ''}: ${failure.message ?? ''}`;
  const started = job.status.startTime ?? (isJobSuspended(job) ? undefined : creationTimestamp);
  return {
    job: name,
    cause: annotations?.[RUN_NOW_ANNOTATION] === undefined ? 'schedule' : 'run-now',
    ...(scheduled === undefined ? {} : { scheduledFor: rfc3339(Date.parse(scheduled)) }),
    ...(started === undefined ? {} : { started }),
    ...(finish === undefined ? {} : { ended: finish }),
    result: end ?? (isJobSuspended(job) ? 'Suspended' : 'Running'),
    retries: retriesOf(job, pods),
    ...(why === undefined ? {} : { why }),
    ...figures(
      usageOfJob(
        job,
        pods.filter((pod) => isControlledBy(pod, job)),
      ),
    ),
  };
}

/** The last failure of a Job that failed was not followed by another try. */
function retriesOf(job: DeepReadonly<Job>, pods: readonly DeepReadonly<Pod>[]): number {
  const { failed = 0 } = job.status;
  const replaced = endOf(job) === 'Failed' ? Math.max(0, failed - 1) : failed;
  const restarts = pods
    .filter((pod) => isControlledBy(pod, job))
    .flatMap(containerStatuses)
    .reduce((sum, status) => sum + status.restartCount, 0);
  return replaced + restarts;
}

/** The Events that tell of the creation of one Job each, by its name. */
function creationsIn(events: readonly DeepReadonly<Event>[]): ReadonlyMap<string, DeepReadonly<Event>> {
  return new Map(
    events.flatMap((event) => {
      const [, name] = /^Created job ([^\s,]+)$/.exec(event.message ?? '') ?? [];
      return event.reason === 'SuccessfulCreate' && name !== undefined ? [[name, event] as const] : [];
    }),
  );
}

/** What the controller's Events say of Jobs that are gone. */
function goneRuns(
  events: readonly DeepReadonly<Event>[],
  present: ReadonlySet<string>,
  used: ReadonlyMap<string, UsageByContainer>,
): readonly Run[] {
  const gone = new Map<string, Run>();
  for (const event of events.toSorted((left, right) => eventTime(left) - eventTime(right))) {
    const at = rfc3339(eventTime(event));
    const message = textOf(event);
    const [, name = ''] = /^(?:Created job|Saw completed job:|Deleted job) ([^\s,]+)/.exec(message) ?? [];
    if (name === '' || present.has(name)) continue;
    const run: Run = gone.get(name) ?? { job: name, ...scheduleIn(name), result: 'Unknown' };
    if (event.reason === 'SuccessfulCreate') gone.set(name, { ...run, started: at });
    if (event.reason === 'SawCompletedJob') {
      const result = message.endsWith('condition: Complete') ? 'Complete' : 'Failed';
      gone.set(name, { ...run, ended: at, result, why: 'its Job is gone' });
    }
    if (event.reason === 'SuccessfulDelete' && run.result === 'Unknown') {
      gone.set(name, { ...run, ended: at, result: 'Deleted', why: 'its Job was deleted before it ended' });
    }
  }
  return [...gone.values()].map((run) => {
    const told = { ...run, ...figures(used.get(run.job ?? '') ?? new Map()) };
    if (run.result !== 'Unknown') return told;
    return { ...told, why: 'its Job is gone and nothing tells how it ended' };
  });
}

/** What Jobs used by their own events, by the Job's name. */
function usageOfGone(events: readonly DeepReadonly<Event>[]): ReadonlyMap<string, UsageByContainer> {
  return new Map(
    events
      .filter(({ reason, involvedObject }) => reason === USAGE_EVENT_REASON && involvedObject.kind === 'Job')
      .map((event) => [event.involvedObject.name ?? '', usageInSentence(textOf(event))]),
  );
}

function figures(used: UsageByContainer): Pick<Run, 'cpuSeconds' | 'peakMemoryBytes' | 'containers'> {
  if (used.size === 0) return {};
  return { ...usageInAll(used), containers: Object.fromEntries(used) };
}

/** The controller names a Job after the minute it is scheduled for, counted from 1970; other names come from run-now. */
function scheduleIn(job: string): Pick<Run, 'cause' | 'scheduledFor'> {
  const [, minutes] = /-(\d{7,9})$/.exec(job) ?? [];
  if (minutes === undefined) return { cause: 'run-now' };
  return { cause: 'schedule', scheduledFor: rfc3339(Number(minutes) * 60_000) };
}

const MISSED =
  /^No runs? for (?:(?:about )?(\d+) times up to )?(.+? [+-]\d{4}|longshore\.dev\/run-now ".*"): (.*)$/s;

function missedRun(event: DeepReadonly<Event>): readonly Run[] {
  const message = textOf(event);
  if (event.reason === 'FailedCreate') {
    return [{ cause: 'schedule', ended: rfc3339(eventTime(event)), result: 'NotCreated', why: message }];
  }
  if (event.reason !== 'MissedSchedule') return [];
  const [, count, of = '', why = message] = MISSED.exec(message) ?? [];
  const time = Date.parse(of);
  return [
    {
      ...(Number.isNaN(time)
        ? { cause: 'run-now', ended: rfc3339(eventTime(event)) }
        : { cause: 'schedule', scheduledFor: rfc3339(time) }),
      result: 'Missed',
      why,
      ...(count === undefined ? {} : { missed: Number(count) }),
    },
  ];
}

/** An Event's message, also of one that stands for several like it. */
function textOf({ message = '' }: DeepReadonly<Event>): string {
  return message.replace(/^\(combined from similar events\): /, '');
}
