/** A Job's conditions: how they are made and changed. Pure. */

import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { JobCondition, JobConditionType } from '../../apis/batch/index.ts';

/** A condition as the plan decides on it, before it gets its times. */
export interface Verdict {
  readonly type: JobConditionType;
  readonly reason: string;
  readonly message: string;
}

/** A new condition that has just come about. */
export function newCondition(
  { type, reason, message }: Verdict,
  now: number,
  status: 'True' | 'False' = 'True',
): JobCondition {
  const time = rfc3339(now);
  return { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message };
}

/**
 * The conditions with this one in them, or undefined when nothing changes. A condition that is not there is not added to
 * say that it is False.
 */
export function withCondition(
  conditions: readonly DeepReadonly<JobCondition>[],
  condition: JobCondition,
): DeepReadonly<JobCondition>[] | undefined {
  const at = conditions.findIndex((each) => each.type === condition.type);
  if (at < 0) return condition.status === 'False' ? undefined : [...conditions, condition];
  const known = conditions[at];
  const same =
    known?.status === condition.status &&
    known.reason === condition.reason &&
    known.message === condition.message;
  return same ? undefined : conditions.with(at, condition);
}
