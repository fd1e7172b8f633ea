/** When a container that ended may start again: by the pod's policy, or by the container's own (KEP-5307). */
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Container, PodSpec } from '../types.ts';

/** Whether some container's rule restarts all of the pod's containers. */
export function restartsEverything(spec: DeepReadonly<PodSpec>): boolean {
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].some((container) =>
    (container.restartPolicyRules ?? []).some((rule) => rule.action === 'RestartAllContainers'),
  );
}

/** Whether the container is to be started again after it ended with `exitCode`. */
export function canRestart(
  container: DeepReadonly<Container>,
  spec: DeepReadonly<PodSpec>,
  exitCode: number,
): boolean {
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    if (action !== 'Restart' || !exitCodes) continue;
    const listed = (exitCodes.values ?? []).includes(exitCode);
    if (exitCodes.operator === 'In' ? listed : !listed) return true;
  }
  const policy = container.restartPolicy ?? spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}
