/** Whether a container that has ended is to run again. Sources: Pod API (restartPolicy), KEP-5307 (per-container rules), KEP-753. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, ContainerRestartRule, PodSpec } from '../../apis/core/types.ts';

/** Whether a container of that pod runs again after it ended with `exitCode`. */
export function restartsAfter(
  container: DeepReadonly<Container>,
  pod: DeepReadonly<PodSpec>,
  exitCode: number,
): boolean {
  if (container.restartPolicyRules?.some((rule) => applies(rule, exitCode))) return true;
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

function applies(rule: DeepReadonly<ContainerRestartRule>, exitCode: number): boolean {
  const { operator, values = [] } = rule.exitCodes ?? { operator: '' };
  if (rule.action !== 'Restart') return false;
  if (operator === 'In') return values.includes(exitCode);
  return operator === 'NotIn' && !values.includes(exitCode);
}
