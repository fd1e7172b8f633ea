/** Why a Job is where it is, in sentences. Pure: from the Job and its pods alone. */
import { findTrueCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  COMPLETION_INDEX,
  INDEX_FAILURE_COUNT_ANNOTATION,
  isJobSuspended,
  JOB_CONTROLLER_NAME,
  jobExtras,
  judgeFailure,
  KUBERNETES_RETRY_DELAY,
  retryDelayAfter,
} from '../../apis/batch/index.ts';
import type { Job } from '../../apis/batch/types.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { elapsedText, endOf } from '../wording/job-state.ts';
import { containerStatuses, failureText, waitingReason } from '../wording/pod-state.ts';
import { usageOfJob, usageSentences } from '../wording/used-resources.ts';
import { PodWarnings } from './pod-warnings.ts';

/** Different reasons for waiting that are told; more are counted. */
const REASONS_TOLD_MAX = 5;

/** The explanation, and whose log shows more. */
export interface JobExplanation {
  readonly sentences: readonly string[];
  /** The pod that failed last, whose last lines tell the most. */
  readonly lastFailed?: DeepReadonly<Pod>;
}

/** Explains a Job. `pods` are those that it controls; `now` in milliseconds since 1970. */
export function explainJob(
  job: DeepReadonly<Job>,
  pods: readonly DeepReadonly<Pod>[],
  now: number,
  warnings: PodWarnings = new PodWarnings([]),
): JobExplanation {
  const failed = pods.filter((pod) => pod.status.phase === 'Failed').sort(byEnd);
  const lastFailed = failed.at(-1);
  const sentences = [
    ...stateOf(job, now),
    ...(endOf(job) === undefined
      ? [...uncreated(job, pods, warnings), ...waiting(pods, warnings), ...retry(job, pods, failed, now)]
      : []),
    ...(lastFailed === undefined ? [] : lastFailure(job, lastFailed, warnings)),
    ...usageSentences(usageOfJob(job, pods)),
  ];
  return { sentences, ...(lastFailed === undefined ? {} : { lastFailed }) };
}

function stateOf(job: DeepReadonly<Job>, now: number): string[] {
  const { name } = job.metadata;
  const { status, spec } = job;
  const { succeeded = 0, active = 0, failed = 0, failedIndexes } = status;
  const end = endOf(job);
  const condition = end && findTrueCondition(status.conditions, end);
  if (end === 'Complete') {
    const why = condition?.message === undefined ? '' : ` (${condition.message})`;
    return [`Job ${name} is complete${why}: ${counted(succeeded, 'pod')} succeeded, ${failed} failed.`];
  }
  if (end === 'Failed') {
    return [
      `Job ${name} failed: ${condition?.reason ?? 'no reason given'}: ${condition?.message ?? 'no message'}.`,
      `Until then ${counted(succeeded, 'pod')} had succeeded and ${failed} had failed.`,
    ];
  }
  if (spec.managedBy !== undefined && spec.managedBy !== JOB_CONTROLLER_NAME) {
    return [`Job ${name} is managed by ${spec.managedBy}, so this server does not run it.`];
  }
  const target = status.conditions?.find(
    ({ type, status: is }) => is === 'True' && (type === 'FailureTarget' || type === 'SuccessCriteriaMet'),
  );
  if (target !== undefined) {
    const way = target.type === 'FailureTarget' ? 'is failing' : 'has met its success criteria';
    const left = active + (status.terminating ?? 0);
    return [
      `Job ${name} ${way} (${target.reason ?? ''}: ${target.message ?? ''}) and waits for ${counted(left, 'pod')} to end.`,
    ];
  }
  if (spec.suspend === true || isJobSuspended(job)) {
    return [`Job ${name} is suspended: it runs no pods until spec.suspend is false.`];
  }
  const wanted = spec.completions === undefined ? '' : ` of ${spec.completions}`;
  const age = elapsedText(now - Date.parse(status.startTime ?? job.metadata.creationTimestamp));
  const sentences = [
    `Job ${name} has been running for ${age}: ${succeeded}${wanted} succeeded, ${active} active, ${failed} failed.`,
  ];
  if (failedIndexes) sentences.push(`Indexes ${failedIndexes} have failed for good.`);
  if (spec.parallelism === 0) sentences.push('Its parallelism is 0, so no pods are started.');
  if (status.terminating) sentences.push(`${counted(status.terminating, 'pod')} still being ended.`);
  if (spec.activeDeadlineSeconds !== undefined && status.startTime !== undefined) {
    const left = Date.parse(status.startTime) + Number(spec.activeDeadlineSeconds) * 1000 - now;
    sentences.push(`It fails in ${elapsedText(left)} if it is not done by then (activeDeadlineSeconds).`);
  }
  return sentences;
}

/** Why a Job that has no pod gets none: an account that is not there, a quota that is used up, a policy that forbids it. */
function uncreated(
  job: DeepReadonly<Job>,
  pods: readonly DeepReadonly<Pod>[],
  warnings: PodWarnings,
): string[] {
  if (job.spec.suspend === true || !pods.every(isPodTerminal)) return [];
  const why = warnings.ofCreation(job);
  return why === undefined ? [] : [`No pod can be made for it: ${why.replace(/\.$/, '')}.`];
}

/** What the pods that do not run yet wait for, the most common first. */
function waiting(pods: readonly DeepReadonly<Pod>[], warnings: PodWarnings): string[] {
  const byReason = new Map<string, DeepReadonly<Pod>[]>();
  for (const pod of pods) {
    if (isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) continue;
    const why = reasonWithoutName(pod, warnings);
    if (why !== undefined) byReason.set(why, [...(byReason.get(why) ?? []), pod]);
  }
  const reasons = [...byReason].sort(([, a], [, b]) => b.length - a.length);
  const told = reasons.slice(0, REASONS_TOLD_MAX).map(([why, held]) => {
    const [first] = held;
    const who = held.length === 1 ? `Pod ${first?.metadata.name}` : `${held.length} pods`;
    return `${who} ${held.length === 1 ? 'waits' : 'wait'}: ${why}.`;
  });
  const more = reasons.length - told.length;
  return more > 0 ? [...told, `Pods wait for ${counted(more, 'more reason')}.`] : told;
}

function reasonWithoutName(pod: DeepReadonly<Pod>, warnings: PodWarnings): string | undefined {
  const { name } = pod.metadata;
  const why = waitingReason(pod);
  if (why !== undefined) {
    return why
      .replace(`pod ${name} is not scheduled: `, 'no node takes it: ')
      .replace(` of pod ${name} waits: `, ': ')
      .replace(/\.$/, '');
  }
  const started =
    pod.status.phase === 'Running' || containerStatuses(pod).some(({ state }) => state?.running);
  if (started) return undefined;
  if (pod.spec.nodeName === undefined) return 'for the scheduler';
  const told = warnings.ofStart(pod);
  return `for its start on node ${pod.spec.nodeName}${told === undefined ? '' : `: ${told}`}`;
}

/** When the next replacement comes, if one is held back. */
function retry(
  job: DeepReadonly<Job>,
  pods: readonly DeepReadonly<Pod>[],
  failed: readonly DeepReadonly<Pod>[],
  now: number,
): string[] {
  const { spec, status } = job;
  const last = failed.at(-1);
  if (last === undefined || spec.suspend === true) return [];
  const perIndex = spec.backoffLimitPerIndex;
  const limit =
    perIndex === undefined
      ? `${status.failed ?? 0} of ${spec.backoffLimit ?? 6} failures that it survives are used up (backoffLimit).`
      : `Each index survives ${counted(perIndex, 'failure')} (backoffLimitPerIndex).`;
  const row = perIndex === undefined ? inARow(pods, failed) : 1 + indexFailures(last);
  const { retryDelay } = jobExtras(job.metadata.annotations);
  const delay =
    retryDelay === undefined
      ? KUBERNETES_RETRY_DELAY
      : { firstMs: retryDelay.first, greatestMs: retryDelay.greatest };
  const left = endedAt(last) + retryDelayAfter(row, delay) - now;
  const wanted = Math.min(spec.parallelism ?? 1, (spec.completions ?? 1) - (status.succeeded ?? 0));
  if (left <= 0 || (status.active ?? 0) >= wanted) return [limit];
  const seconds = Math.ceil(left / 1000) * 1000;
  return [`After ${counted(row, 'failure')} in a row it tries again in ${elapsedText(seconds)}.`, limit];
}

/** Failures later than the last success. */
function inARow(pods: readonly DeepReadonly<Pod>[], failed: readonly DeepReadonly<Pod>[]): number {
  const successes = pods.filter((pod) => pod.status.phase === 'Succeeded').map(endedAt);
  const lastSuccess = successes.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return failed.filter((pod) => endedAt(pod) > lastSuccess).length;
}

/** The count that an index's pod carries of the failures before it. */
function indexFailures({ metadata }: DeepReadonly<Pod>): number {
  return Number(metadata.annotations?.[INDEX_FAILURE_COUNT_ANNOTATION] ?? 0);
}

function lastFailure(job: DeepReadonly<Job>, pod: DeepReadonly<Pod>, warnings: PodWarnings): string[] {
  const index = pod.metadata.annotations?.[COMPLETION_INDEX];
  const which = index === undefined ? '' : ` (index ${index})`;
  const killed = warnings.ofEnd(pod);
  const told = killed === undefined ? '' : ` after ${killed.trimEnd()}`;
  const how = `The last failure was pod ${pod.metadata.name}${which}: ${failureText(pod)}${told}.`;
  const { action, rule, failJob } = judgeFailure(job.spec.podFailurePolicy, pod);
  if (job.spec.podFailurePolicy === undefined) return [how];
  if (action === undefined) return [how, 'No rule of its podFailurePolicy matches that, so it counts.'];
  const meaning = {
    FailJob: 'the whole Job fails',
    FailIndex: 'its index fails',
    Ignore: 'it does not count',
    Count: 'it counts',
  }[action];
  const why = failJob === undefined ? '' : ` (${failJob})`;
  return [how, `Rule ${rule} of its podFailurePolicy decided that: ${action}, so ${meaning}${why}.`];
}

function byEnd(a: DeepReadonly<Pod>, b: DeepReadonly<Pod>): number {
  return endedAt(a) - endedAt(b);
}

/** When a pod ended, in milliseconds since 1970: its last container's end, else its creation. */
function endedAt(pod: DeepReadonly<Pod>): number {
  const ends = containerStatuses(pod).flatMap(({ state }) =>
    state?.terminated?.finishedAt ? [Date.parse(state.terminated.finishedAt)] : [],
  );
  return ends.length === 0 ? Date.parse(pod.metadata.creationTimestamp) : Math.max(...ends);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
