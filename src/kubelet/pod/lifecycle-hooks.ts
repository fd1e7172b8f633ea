/** What a container asked to be done right after its start and right before its end. Source: Container Lifecycle Hooks. */
import { type Clock, sleep } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { ExecAction, LifecycleHandler, Pod } from '../../apis/core/types.ts';
import { check } from '../probes/index.ts';
import type { NodeServices } from './node-services.ts';
import type { ContainerRecord } from './pod-view.ts';

/** Seconds that an HTTP hook may take when no other limit is given, as upstream's client has it. */
const HTTP_SECONDS_MAX = 30;

/**
 * Does it; answers in the kubelet's words what went wrong, or nothing.
 *
 * @param limitSeconds what does not end within them counts as failed; 0 is no limit.
 */
export async function runHook(
  pod: DeepReadonly<Pod>,
  handler: DeepReadonly<LifecycleHandler>,
  record: ContainerRecord,
  services: NodeServices,
  ip: string,
  limitSeconds: number,
): Promise<string | undefined> {
  const { clock, runtime } = services;
  const { exec, httpGet } = handler;
  if (handler.sleep !== undefined) {
    await sleepAtMost(clock, Number(handler.sleep.seconds), limitSeconds);
    return undefined;
  }
  const { name, namespace, uid } = pod.metadata;
  const where = `for Container "${record.spec.name}" in Pod "${name}_${namespace}(${uid})" failed - error:`;
  if (exec !== undefined) {
    const wrong = await runCommand(exec, record, services, limitSeconds);
    return wrong && `Exec lifecycle hook ([${exec.command?.join(' ')}]) ${where} ${wrong}`;
  }
  if (httpGet === undefined) return undefined;
  const target = { runtime, clock, container: record.spec, containerId: record.run?.id ?? '', ip };
  const { ok, output } = await check({ httpGet }, target, limitSeconds || HTTP_SECONDS_MAX);
  // Whoever answers has been told, whatever the answer.
  if (ok || output.startsWith('HTTP probe failed')) return undefined;
  return `HTTP lifecycle hook (${httpGet.path ?? ''}) ${where} ${output}`;
}

async function runCommand(
  { command = [] }: DeepReadonly<ExecAction>,
  { run }: ContainerRecord,
  { runtime }: NodeServices,
  limitSeconds: number,
): Promise<string | undefined> {
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(run?.id ?? '', command, limitSeconds);
    if (exitCode === 0) return undefined;
    const error = `command '${command.join(' ')}' exited with ${exitCode}: ${Buffer.from(stderr).toString()}`;
    return `${error}, message: ${JSON.stringify(Buffer.concat([stdout, stderr]).toString())}`;
  } catch (error) {
    return `${messageOf(error)}, message: ""`;
  }
}

function sleepAtMost(clock: Clock, seconds: number, limitSeconds: number): Promise<void> {
  return sleep(clock, (limitSeconds === 0 ? seconds : Math.min(seconds, limitSeconds)) * 1000);
}
