/** What a container asked to be done right after its start and right before its end. Source: Container Lifecycle Hooks. */
import { type Clock, sleep } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { LifecycleHandler } from '../../apis/core/types.ts';
import { check } from '../probes/index.ts';
import type { NodeServices } from './node-services.ts';
import type { ContainerRecord } from './pod-view.ts';

/** Seconds that an HTTP hook may take when no other limit is given, as upstream's client has it. */
const HTTP_SECONDS_MAX = 30;

/**
 * Does it; answers in words what went wrong, or nothing.
 *
 * @param limitSeconds what does not end within them counts as failed; 0 is no limit.
 */
export async function runHook(
  handler: DeepReadonly<LifecycleHandler>,
  record: ContainerRecord,
  services: NodeServices,
  ip: string,
  limitSeconds: number,
): Promise<string | undefined> {
  const { clock, runtime } = services;
  if (handler.sleep !== undefined) {
    await sleepAtMost(clock, handler.sleep.seconds, limitSeconds);
    return undefined;
  }
  const target = { runtime, clock, container: record.spec, containerId: record.run?.id ?? '', ip };
  const { exec, httpGet } = handler;
  const asked = {
    ...(exec === undefined ? {} : { exec }),
    ...(httpGet === undefined ? {} : { httpGet }),
  };
  const seconds = exec !== undefined ? limitSeconds : limitSeconds || HTTP_SECONDS_MAX;
  const { ok, output } = await check(asked, target, seconds);
  return ok ? undefined : output;
}

function sleepAtMost(clock: Clock, seconds: number, limitSeconds: number): Promise<void> {
  return sleep(clock, (limitSeconds === 0 ? seconds : Math.min(seconds, limitSeconds)) * 1000);
}
