import type { ContainerUsage } from '../../apis/core/index.ts';

/** How a run stands. `Missed` never became a Job, `Deleted` went before its end, `NotCreated` was refused by the server. */
export type RunResult =
  | 'Complete'
  | 'Failed'
  | 'Running'
  | 'Suspended'
  | 'Missed'
  | 'Deleted'
  | 'NotCreated'
  | 'Unknown';

/** One run, or one row of runs that were missed for one reason. Times are RFC 3339 in UTC. */
export interface Run {
  /** The Job's name; absent for a run that has none. */
  readonly job?: string;
  readonly cause: 'schedule' | 'run-now';
  /** The time of the schedule; of several that were missed, the last. Absent for run-now. */
  readonly scheduledFor?: string;
  readonly started?: string;
  readonly ended?: string;
  readonly result: RunResult;
  /** Pods that failed and were replaced, and restarts of containers; absent when nobody knows any more. */
  readonly retries?: number;
  readonly why?: string;
  /** How many times were missed, where it is more than one. */
  readonly missed?: number;
  /** Processor time of all its containers; absent when nobody knows. */
  readonly cpuSeconds?: number;
  /** Most memory of one of its containers at one time; 0 where the kernel does not count it. */
  readonly peakMemoryBytes?: number;
  /** The same of each container. */
  readonly containers?: Readonly<Record<string, ContainerUsage>>;
}
