/**
 * Whether a container that has ended is to run again. Sources: Pod API (restartPolicy), KEP-5307 (per-container rules),
 * KEP-5532 (rules that restart all containers), KEP-753.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, ContainerRestartRule, PodSpec } from '../../apis/core/types.ts';

const RESTART_ALL = 'RestartAllContainers';

/** Whether a container of that pod runs again after it ended with `exitCode`. */
export function restartsAfter(
  container: DeepReadonly<Container>,
  pod: DeepReadonly<PodSpec>,
  exitCode: number,
): boolean {
  if (matchingRule(container, exitCode) !== undefined) return true;
  switch (container.restartPolicy ?? pod.restartPolicy ?? 'Always') {
    case 'Never':
      return false;
    case 'OnFailure':
      return exitCode !== 0;
    default:
      return true;
  }
}

/** Whether an init container that ended with `exitCode` runs again: one that succeeded has done its work. */
export function initRestartsAfter(
  container: DeepReadonly<Container>,
  pod: DeepReadonly<PodSpec>,
  exitCode: number,
): boolean {
  return exitCode !== 0 && restartsAfter(container, pod, exitCode);
}

/** Whether the end with `exitCode` makes all containers of the pod begin again. */
export function restartsAllAfter(container: DeepReadonly<Container>, exitCode: number): boolean {
  return matchingRule(container, exitCode)?.action === RESTART_ALL;
}

/** Whether some end of some container of the pod makes all of them begin again. */
export function mayRestartAll({ containers, initContainers = [] }: DeepReadonly<PodSpec>): boolean {
  return [...containers, ...initContainers].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === RESTART_ALL),
  );
}

/** The first rule of the container that names the exit code. */
function matchingRule(
  { restartPolicyRules = [] }: DeepReadonly<Container>,
  exitCode: number,
): DeepReadonly<ContainerRestartRule> | undefined {
  return restartPolicyRules.find(({ exitCodes }) => {
    const { operator, values = [] } = exitCodes ?? { operator: '' };
    if (operator === 'In') return values.includes(exitCode);
    return operator === 'NotIn' && !values.includes(exitCode);
  });
}
