/** How a container ended, from what was left of it. Pure. */
import type { ContainerEnd } from './container-directory.ts';

/** Exit code of a process that SIGKILL ended. */
const KILLED = 137;
/** Exit code and reason of a container whose end nobody saw, as containerd has them. */
const LOST: Omit<ContainerEnd, 'finishedAt'> = {
  exitCode: 255,
  reason: 'Unknown',
  message: 'The process ended while no server was there to see it, or the machine was started anew',
};

/** What is to be seen of a container whose supervisor has written down its end, or is gone. */
export interface Remains {
  /** What the supervisor wrote: an exit code, and when, in wall milliseconds. */
  readonly exit: { readonly exitCode: number; readonly at: number } | undefined;
  /** Why its command could not be run; empty when it was. */
  readonly failure: string;
  /** Whether this server killed it. */
  readonly killed: boolean;
  /** Wall milliseconds. */
  readonly now: number;
}

/** What the container's status is to tell. */
export function endOf({ exit, failure, killed, now }: Remains): ContainerEnd {
  if (exit === undefined) return killed ? killedAt(now) : { ...LOST, finishedAt: now };
  const { exitCode, at } = exit;
  const reason = failure !== '' ? 'StartError' : exitCode === 0 ? 'Completed' : 'Error';
  return { exitCode, reason, message: failure, finishedAt: at };
}

/** The end of a container that was given no time. */
export function killedAt(now: number): ContainerEnd {
  return { exitCode: KILLED, reason: 'Error', message: '', finishedAt: now };
}
