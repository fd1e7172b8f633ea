/** Decides what a failed pod means under `spec.podFailurePolicy` (KEP-3329). Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { ContainerStatus, Pod, PodCondition } from '../core/types.ts';
import type { PodFailurePolicy, PodFailurePolicyRule } from './types.ts';

/** What the first matching rule says. */
export interface FailureVerdict {
  /** Whether the failure counts against the backoff limits. True when no rule matches. */
  readonly counted: boolean;
  /** The matching rule's action; absent when no rule matches. */
  readonly action?: PodFailurePolicyRule['action'];
  /** The matching rule's position in the policy, from 0; absent when no rule matches. */
  readonly rule?: number;
  /** Why the whole Job fails; for action FailJob alone. */
  readonly failJob?: string;
}

const COUNTED: FailureVerdict = { counted: true };

/** The verdict on a failed pod. Rules are tried in order and the first that matches decides. */
export function judgeFailure(
  policy: DeepReadonly<PodFailurePolicy> | undefined,
  pod: DeepReadonly<Pod>,
): FailureVerdict {
  if (policy === undefined) return COUNTED;
  for (const [position, rule] of policy.rules.entries()) {
    const what = matchOf(rule, pod);
    if (what === undefined) continue;
    const { action } = rule;
    if (action !== 'FailJob') return { counted: action !== 'Ignore', action, rule: position };
    const failJob = `${what} matching ${action} rule at index ${position}`;
    return { counted: true, action, rule: position, failJob };
  }
  return COUNTED;
}

/** In words what of the pod matches the rule; undefined when nothing does. */
function matchOf(rule: DeepReadonly<PodFailurePolicyRule>, pod: DeepReadonly<Pod>): string | undefined {
  const { namespace, name } = pod.metadata;
  if (rule.onExitCodes !== undefined) {
    const container = matchingContainer(rule.onExitCodes, pod);
    const exitCode = container?.state?.terminated?.exitCode;
    return (
      container &&
      `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${exitCode}`
    );
  }
  const condition = matchingCondition(rule.onPodConditions, pod);
  return condition && `Pod ${namespace}/${name} has condition ${condition.type}`;
}

function matchingContainer(
  { containerName, operator, values }: DeepReadonly<NonNullable<PodFailurePolicyRule['onExitCodes']>>,
  pod: DeepReadonly<Pod>,
): DeepReadonly<ContainerStatus> | undefined {
  const matches = (container: DeepReadonly<ContainerStatus>): boolean => {
    const exitCode = container.state?.terminated?.exitCode;
    // Exit code 0 is a success and never matches, not even a rule with NotIn.
    if (exitCode === undefined || exitCode === 0) return false;
    if (containerName !== undefined && containerName !== container.name) return false;
    return values.includes(exitCode) === (operator === 'In');
  };
  return pod.status.containerStatuses?.find(matches) ?? pod.status.initContainerStatuses?.find(matches);
}

function matchingCondition(
  patterns: DeepReadonly<PodFailurePolicyRule['onPodConditions']>,
  pod: DeepReadonly<Pod>,
): DeepReadonly<PodCondition> | undefined {
  return pod.status.conditions?.find((condition) =>
    patterns?.some((each) => each.type === condition.type && (each.status ?? 'True') === condition.status),
  );
}
