import { type Clock, rfc3339 } from '../../apimachinery/clock.ts';
import type { Int64 } from '../../apimachinery/exact-json.ts';
import { findCondition } from '../../apimachinery/meta/conditions.ts';
import { type DeepReadonly, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { labelSelectorMatches } from '../../apimachinery/selectors/index.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import { isPodTerminal, sameMeaning } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../apis/policy/index.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  type EventRecorder,
  type Lister,
  newController,
  newWorkqueue,
  PODDISRUPTIONBUDGETS,
  PODS,
} from '../../client/index.ts';
import { DELETION_MS, expectationOf, goSelector, healthy, stillDisrupted } from './count.ts';

type Budget = DeepReadonly<PodDisruptionBudget>;
type AnyPod = DeepReadonly<Pod>;

/** Milliseconds after which a pod that was to be disrupted, and was not, is no longer said to be. */
const STALE_DISRUPTION_MS = 120_000;
const BUDGET = 'budget ';
const POD = 'pod ';

/** The disruption controller as a component. */
export function newDisruptionController(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const budgets = context.informer(PODDISRUPTIONBUDGETS);
  const pods = context.informer(PODS);
  const queue = newWorkqueue({ name: 'disruption', clock, metrics });
  const budgetChanged = (budget: Budget): void => queue.add(BUDGET + objectKey(budget));
  const podChanged = (pod: AnyPod): void => {
    for (const budget of budgets.lister.list(pod.metadata.namespace ?? '')) {
      if (selects(budget, pod)) budgetChanged(budget);
    }
    if (staleIn(pod, clock.now()) !== undefined) queue.add(POD + objectKey(pod));
  };
  budgets.onChange({ added: budgetChanged, updated: budgetChanged });
  pods.onChange({
    added: podChanged,
    updated: (pod, old) => {
      podChanged(pod);
      if (!sameMeaning(pod.metadata.labels, old.metadata.labels)) podChanged(old);
    },
    deleted: podChanged,
  });
  const keeper = new BudgetKeeper(client, clock, pods.lister, context.recorder('controllermanager'));
  return newController({
    name: 'disruption-controller',
    reconciler: {
      async sync(key) {
        const isPod = key.startsWith(POD);
        const { namespace, name } = splitObjectKey(key.slice(isPod ? POD.length : BUDGET.length));
        if (isPod) return unmarkStale(client, clock, pods.lister.get(namespace, name));
        const budget = budgets.lister.get(namespace, name);
        return budget === undefined ? undefined : keeper.sync(budget);
      },
    },
    queue,
    log,
    informers: [budgets, pods],
  });
}

function selects({ metadata, spec }: Budget, pod: AnyPod): boolean {
  return (
    metadata.namespace === pod.metadata.namespace &&
    spec.selector !== undefined &&
    labelSelectorMatches(spec.selector, pod.metadata.labels ?? {})
  );
}

class BudgetKeeper {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #pods: Lister<Pod>;
  readonly #events: EventRecorder;

  constructor(client: Client, clock: Clock, pods: Lister<Pod>, events: EventRecorder) {
    this.#client = client;
    this.#clock = clock;
    this.#pods = pods;
    this.#events = events;
  }

  /** Writes what the budget allows; answers when to look again for pods that should be gone by then. */
  async sync(budget: Budget): Promise<number | undefined> {
    const pods = this.#pods.list(budget.metadata.namespace ?? '').filter((pod) => selects(budget, pod));
    if (pods.length === 0) this.#events.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const expectation = expectationOf(budget, pods);
    if (typeof expectation === 'string') {
      await this.#fail(budget, expectation);
      return undefined;
    }
    if (expectation.unmanaged.length > 0) this.#warnOfUnmanaged(budget);
    const now = this.#clock.now();
    const { pending, overdue } = stillDisrupted(budget, pods, now);
    const { namespace = '' } = budget.metadata;
    for (const pod of overdue) {
      const message = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`;
      this.#events.event(pod, 'Warning', 'NotDeleted', message);
    }
    const { expected, desired } = expectation;
    const current = healthy(pods, pending);
    const allowed = expected <= 0 ? 0 : Math.max(0, current - desired);
    await this.#write(budget, {
      currentHealthy: current,
      desiredHealthy: desired,
      expectedPods: expected,
      disruptionsAllowed: allowed,
      ...(Object.keys(pending).length === 0 ? {} : { disruptedPods: pending }),
      observedGeneration: budget.metadata.generation ?? 0,
      conditions: this.#conditions(
        budget,
        allowed > 0 ? ['True', 'SufficientPods', ''] : ['False', 'InsufficientPods', ''],
        budget.metadata.generation ?? 0,
      ),
    });
    const times = Object.values(pending).map((since) => Date.parse(since) + DELETION_MS - now);
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times)) + 1;
  }

  #warnOfUnmanaged(budget: Budget): void {
    const { selector = {} } = budget.spec;
    const message = `Pods selected by this PodDisruptionBudget (selector: ${goSelector(selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
    this.#events.event(budget, 'Warning', 'UnmanagedPods', message);
  }

  /** A budget that cannot be worked out lets nobody go. */
  async #fail(budget: Budget, why: string): Promise<void> {
    const message = `Failed to calculate the number of expected pods: ${why}`;
    this.#events.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message);
    const { status } = budget;
    const conditions = this.#conditions(budget, ['False', 'SyncFailed', why], status.observedGeneration ?? 0);
    await this.#write(budget, { ...status, disruptionsAllowed: 0, conditions });
  }

  #conditions(
    { status }: Budget,
    [is, reason, message]: readonly ['True' | 'False', string, string],
    generation: Int64,
  ): NonNullable<DeepReadonly<PodDisruptionBudgetStatus>['conditions']> {
    const type = 'DisruptionAllowed';
    const conditions = status.conditions ?? [];
    const known = findCondition(conditions, type);
    const lastTransitionTime = known?.status === is ? known.lastTransitionTime : rfc3339(this.#clock.now());
    const condition = {
      type,
      status: is,
      ...(generation === 0 ? {} : { observedGeneration: generation }),
      lastTransitionTime,
      reason,
      message,
    };
    if (known === undefined) return [...conditions, condition];
    return conditions.map((each) => (each.type === type ? condition : each));
  }

  async #write(budget: Budget, status: DeepReadonly<PodDisruptionBudgetStatus>): Promise<void> {
    if (sameMeaning(budget.status, status)) return;
    try {
      await this.#client.updateStatus(PODDISRUPTIONBUDGETS, { ...budget, status });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Milliseconds until the pod's mark that it is to be disrupted has become stale; undefined without such a mark. */
function staleIn({ metadata, status }: AnyPod, now: number): number | undefined {
  if (metadata.deletionTimestamp !== undefined) return undefined;
  if (isPodTerminal({ status })) return undefined;
  const mark = findCondition(status.conditions, 'DisruptionTarget');
  if (mark?.status !== 'True' || mark.reason === 'TerminationByKubelet') return undefined;
  return Math.max(0, Date.parse(mark.lastTransitionTime ?? '') + STALE_DISRUPTION_MS - now);
}

async function unmarkStale(
  client: Client,
  clock: Clock,
  pod: AnyPod | undefined,
): Promise<number | undefined> {
  const left = pod === undefined ? undefined : staleIn(pod, clock.now());
  if (pod === undefined || left === undefined || left > 0) return left;
  const { namespace = '', name, uid, generation } = pod.metadata;
  const condition = {
    type: 'DisruptionTarget',
    status: 'False',
    reason: null,
    message: null,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime: rfc3339(clock.now()),
  };
  const patch = { metadata: { uid }, status: { conditions: [condition] } };
  try {
    await client.patch(PODS, namespace, name, 'application/strategic-merge-patch+json', patch, 'status');
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return undefined;
}
