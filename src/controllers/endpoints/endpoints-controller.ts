import { type DeepReadonly, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isNamespaceTerminating, isNotFound } from '../../apimachinery/status-error.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import { sameMeaning } from '../../apis/core/index.ts';
import type { Endpoints, Service } from '../../apis/core/types.ts';
import {
  type Component,
  type ComponentContext,
  ENDPOINTS,
  newController,
  newWorkqueue,
  PODS,
  SERVICES,
} from '../../client/index.ts';
import { followSelectedPods, selects, TriggerTimes, withTriggerTime } from '../endpoint-slice/index.ts';
import { repackSubsets } from './repack.ts';
import { CONTROLLER_NAME, wantedLabels, wantedSubsets } from './wanted.ts';

/** How client-go once kept the record of a leader election: in Endpoints of no service. */
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
/** Says `truncated` of Endpoints that do not name all addresses. */
const OVER_CAPACITY_ANNOTATION = 'endpoints.kubernetes.io/over-capacity';

/** The endpoints controller as a component. */
export function newEndpointsController(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const services = context.informer(SERVICES);
  const endpoints = context.informer(ENDPOINTS);
  const pods = context.informer(PODS);
  const events = context.recorder(CONTROLLER_NAME);
  const queue = newWorkqueue({ name: 'endpoint', clock, metrics });
  const triggerTimes = new TriggerTimes();
  const serviceChanged = (service: DeepReadonly<Service>): void => queue.add(objectKey(service));
  services.onChange({ added: serviceChanged, updated: serviceChanged, deleted: serviceChanged });
  endpoints.onChange({ deleted: (each) => queue.add(objectKey(each)) });
  followSelectedPods(pods, services, queue);

  const removeFor = async (key: string): Promise<void> => {
    const { namespace, name } = splitObjectKey(key);
    triggerTimes.forget(key);
    try {
      await client.delete(ENDPOINTS, namespace, name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  const sync = async (key: string): Promise<undefined> => {
    const { namespace, name } = splitObjectKey(key);
    const service = services.lister.get(namespace, name);
    if (service === undefined) {
      await removeFor(key);
      return;
    }
    if (service.spec.type === 'ExternalName' || service.spec.selector === undefined) return;
    const chosen = pods.lister.list(namespace).filter((pod) => selects(service, pod));
    const triggered = triggerTimes.next(key, service, chosen);
    const stored = endpoints.lister.get(namespace, name);
    const wanted = wantedFor(service, stored, wantedSubsets(service, chosen), triggered);
    if (wanted === undefined) return;
    try {
      if (stored === undefined) await client.create(ENDPOINTS, namespace, wanted);
      else await client.update(ENDPOINTS, wanted);
    } catch (error) {
      if (stored === undefined && isNamespaceTerminating(error)) return;
      const did = stored === undefined ? 'Create' : 'Update';
      const why = messageOf(error);
      const what = stored === undefined ? 'endpoint for service' : 'endpoint';
      events.event(
        wanted,
        'Warning',
        `FailedTo${did}Endpoint`,
        `Failed to ${did.toLowerCase()} ${what} ${key}: ${why}`,
      );
      throw error;
    }
  };
  const controller = newController({
    name: 'endpoints-controller',
    reconciler: { sync },
    queue,
    log,
    informers: [services, endpoints, pods],
  });
  return {
    name: controller.name,
    async start() {
      await controller.start();
      // A service may have gone while nobody looked.
      for (const each of endpoints.lister.list()) {
        if (each.metadata.annotations?.[LEADER_ANNOTATION] === undefined) queue.add(objectKey(each));
      }
    },
    stop: () => controller.stop(),
  };
}

/** The Endpoints to write; undefined where those that are stored say it. */
function wantedFor(
  service: DeepReadonly<Service>,
  stored: DeepReadonly<Endpoints> | undefined,
  { subsets, truncated }: ReturnType<typeof wantedSubsets>,
  triggered: string | undefined,
): DeepReadonly<Endpoints> | undefined {
  const labels = wantedLabels(service);
  const { [OVER_CAPACITY_ANNOTATION]: marked, ...others } = stored?.metadata.annotations ?? {};
  const annotations = {
    ...withTriggerTime(others, triggered),
    ...(truncated ? { [OVER_CAPACITY_ANNOTATION]: 'truncated' } : {}),
  };
  if (
    stored !== undefined &&
    saysTheSame(stored.subsets ?? [], subsets) &&
    sameMeaning(stored.metadata.labels, labels) &&
    marked === annotations[OVER_CAPACITY_ANNOTATION]
  ) {
    return undefined;
  }
  const { name, namespace = '' } = service.metadata;
  const metadata = { ...(stored?.metadata ?? { name, namespace }), labels, annotations };
  return { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets } as DeepReadonly<Endpoints>;
}

/** Whether stored subsets mean what is wanted, in whatever form somebody wrote them. */
function saysTheSame(
  stored: NonNullable<DeepReadonly<Endpoints>['subsets']>,
  wanted: typeof stored,
): boolean {
  return sameMeaning(stored, wanted) || sameMeaning(repackSubsets(stored), wanted);
}
