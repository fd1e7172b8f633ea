/**
 * Evicting a pod: deleting it unless a disruption budget forbids that.
 *
 * An eviction under a budget counts the budget down and writes the pod's name into it before the pod goes, so that two
 * evictions at once cannot both use the last disruption allowed, and the budget's controller knows of pods on their way out.
 */

import type { ApiAnswer, ApiRequest } from '../../apimachinery/api-request.ts';
import { rfc3339 } from '../../apimachinery/clock.ts';
import { findCondition, isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { DeleteOptions } from '../../apimachinery/meta/types.ts';
import { labelSelectorMatches } from '../../apimachinery/selectors/index.ts';
import {
  isConflict,
  newBadRequest,
  newForbidden,
  newTooManyRequests,
  StatusError,
} from '../../apimachinery/status-error.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { Eviction, PodDisruptionBudget } from '../../apis/policy/index.ts';
import type { Backend, CustomSubresource, RequestContext } from '../../apiserver/resource.ts';

/** Evictions of one budget that its controller has not confirmed; more of them mean that it does not work. */
const DISRUPTED_PODS_MAX = 2000;
/** Seconds after which a client should ask again when a budget is not up to date. */
const RETRY_SECONDS = 10;
/** How often an eviction is tried again when the pod or the budget changed meanwhile. */
const ATTEMPTS_MAX = 20;

type AnyPod = DeepReadonly<Pod>;
type Budget = DeepReadonly<PodDisruptionBudget>;

/** The `eviction` subresource of pods. */
export const eviction: CustomSubresource = {
  kind: 'custom',
  verbs: ['create'],
  body: {
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    schema: 'io.k8s.api.policy.v1.Eviction',
    formerVersions: ['v1beta1'],
  },
  async handle(request, context, backend): Promise<ApiAnswer> {
    const options = optionsOf(request);
    for (let attempt = 1; ; attempt++) {
      const pod = (await backend.get(podRequest(request, 'get'))) as unknown as AnyPod;
      const conditional = await clear(pod, options, context, backend);
      try {
        await remove(pod, conditional, options, request, context, backend);
        return { kind: 'object', code: 201, object: SUCCESS };
      } catch (error) {
        const mine = conditional && options.preconditions?.resourceVersion === undefined;
        if (!isConflict(error) || !mine || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  },
};

const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

function optionsOf(request: ApiRequest): DeepReadonly<DeleteOptions> {
  const body = (request.body ?? {}) as Partial<Eviction>;
  if (body.metadata?.name !== request.name) {
    throw newBadRequest('name in URL does not match name in Eviction object');
  }
  const dryRun = request.parameters?.['dryRun'];
  const options = body.deleteOptions ?? {};
  return dryRun === undefined || options.dryRun !== undefined ? options : { ...options, dryRun: [dryRun] };
}

function podRequest({ namespace, name }: ApiRequest, verb: 'get' | 'update' | 'delete'): ApiRequest {
  return {
    verb,
    group: '',
    version: 'v1',
    resource: 'pods',
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

/**
 * Throws unless the pod may go now. Answers whether the pod must still be as it was read when it goes, because it was its
 * state that allowed the eviction.
 */
async function clear(
  pod: AnyPod,
  options: DeepReadonly<DeleteOptions>,
  context: RequestContext,
  backend: Backend,
): Promise<boolean> {
  if (isOver(pod)) return false;
  if (pod.status.phase === 'Pending') return true;
  const budgets = await budgetsOf(pod, backend);
  const [budget] = budgets;
  if (budget === undefined) return false;
  if (budgets.length > 1) {
    const why =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new StatusError(500, '', why);
  }
  if (!isReady(pod) && mayLoseUnready(budget)) return true;
  await countDown(budget, pod, options, context, backend);
  return false;
}

function isOver(pod: AnyPod): boolean {
  return isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined;
}

function isReady({ status }: AnyPod): boolean {
  return isConditionTrue(status.conditions, 'Ready');
}

/** A pod that is not ready does not count as healthy, so that losing it disrupts nothing while enough others are. */
function mayLoseUnready({ spec, status }: Budget): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const desired = status.desiredHealthy ?? 0;
  return desired > 0 && (status.currentHealthy ?? 0) >= desired;
}

async function budgetsOf(pod: AnyPod, backend: Backend): Promise<Budget[]> {
  const page = await backend.storage.list(`/policy/poddisruptionbudgets/${pod.metadata.namespace}/`);
  const labels = pod.metadata.labels ?? {};
  return page.items
    .map((item) => item.object as unknown as Budget)
    .filter(
      (budget) => budget.spec.selector !== undefined && labelSelectorMatches(budget.spec.selector, labels),
    );
}

/** Uses one of the budget's disruptions, or throws 429. */
async function countDown(
  { metadata }: Budget,
  pod: AnyPod,
  options: DeepReadonly<DeleteOptions>,
  context: RequestContext,
  backend: Backend,
): Promise<void> {
  const request: ApiRequest = {
    verb: 'update',
    group: 'policy',
    version: 'v1',
    resource: 'poddisruptionbudgets',
    subresource: 'status',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  };
  const change = (object: ApiObject): void => {
    const budget = object as PodDisruptionBudget;
    requireDisruption(budget);
    budget.status.disruptionsAllowed = (budget.status.disruptionsAllowed ?? 0) - 1;
    budget.status.disruptedPods = {
      ...budget.status.disruptedPods,
      [pod.metadata.name]: rfc3339(context.now),
    };
  };
  const dryRun = (options.dryRun ?? []).length > 0;
  await backend.update(request, change, context, { raw: true, dryRun, program: 'kube-apiserver' });
}

const REFUSED = "Cannot evict pod as it would violate the pod's disruption budget.";

function requireDisruption({ metadata, status }: Budget): void {
  const { name, generation = 0 } = metadata;
  const allowed = status.disruptionsAllowed ?? 0;
  if ((status.observedGeneration ?? 0) < generation) {
    throw refused(RETRY_SECONDS, `The disruption budget ${name} is still being processed by the server.`);
  }
  const forbid = (why: string): StatusError => newForbidden('policy', 'poddisruptionbudget', name, why);
  if (allowed < 0) throw forbid('pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > DISRUPTED_PODS_MAX) {
    throw forbid('DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  }
  if (allowed === 0) throw refused(0, whyNone(metadata.name, status));
}

function whyNone(name: string, status: Budget['status']): string {
  const condition = findCondition(status.conditions, 'DisruptionAllowed');
  const { status: state, reason, message = '' } = condition ?? {};
  const told = state === 'False' && message !== '';
  if (told && reason === 'SyncFailed') {
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${message}`;
  }
  const [current, desired] = [status.currentHealthy ?? 0, status.desiredHealthy ?? 0];
  if (current <= desired) {
    return `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`;
  }
  const head = `The disruption budget ${name} does not allow evicting pods currently`;
  return told ? `${head} (${reason}): ${message}` : head;
}

function refused(retrySeconds: number, why: string): StatusError {
  const { status } = newTooManyRequests(REFUSED, retrySeconds);
  return StatusError.from({
    ...status,
    details: {
      ...(retrySeconds === 0 ? {} : { retryAfterSeconds: retrySeconds }),
      causes: [{ reason: 'DisruptionBudget', message: why }],
    },
  });
}

/** Marks the pod as disrupted and deletes it. */
async function remove(
  pod: AnyPod,
  conditional: boolean,
  options: DeepReadonly<DeleteOptions>,
  request: ApiRequest,
  context: RequestContext,
  backend: Backend,
): Promise<void> {
  const wanted =
    options.preconditions?.resourceVersion ?? (conditional ? pod.metadata.resourceVersion : undefined);
  let preconditions = options.preconditions;
  if ((options.dryRun ?? []).length === 0) {
    const change = (object: ApiObject): void => {
      if (wanted !== undefined && object.metadata.resourceVersion !== wanted) {
        throw changed(object.metadata, options.preconditions?.resourceVersion);
      }
      addDisruptionTarget(object as Pod, rfc3339(context.now));
    };
    const marked = await backend.update(podRequest(request, 'update'), change, context, { raw: true });
    if (wanted !== undefined)
      preconditions = { ...preconditions, resourceVersion: marked.metadata.resourceVersion };
  } else if (wanted !== undefined) {
    preconditions = { ...preconditions, resourceVersion: wanted };
  }
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...options,
    ...(preconditions === undefined ? {} : { preconditions }),
  };
  await backend.call({ ...podRequest(request, 'delete'), body }, context);
}

function changed({ name, resourceVersion }: ApiObject['metadata'], wanted: string | undefined): StatusError {
  const why =
    wanted === undefined
      ? 'the object has been modified'
      : `the ResourceVersion in the precondition (${wanted}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on Pod ${JSON.stringify(name)}: ${why}`,
    {
      name,
      kind: 'Pod',
    },
  );
}

function addDisruptionTarget({ status }: Pod, now: string): void {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: now,
  };
  const others = (status.conditions ?? []).filter((each) => each.type !== condition.type);
  status.conditions = [...others, condition];
}
