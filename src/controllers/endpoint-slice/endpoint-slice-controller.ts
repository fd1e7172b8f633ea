import { type DeepReadonly, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isNamespaceTerminating, isNotFound } from '../../apimachinery/status-error.ts';
import type { Service } from '../../apis/core/types.ts';
import type { EndpointSlice } from '../../apis/discovery/index.ts';
import {
  type Component,
  type ComponentContext,
  ENDPOINTSLICES,
  NODES,
  newController,
  newWorkqueue,
  PODS,
  SERVICES,
} from '../../client/index.ts';
import { wantedGroups } from './endpoints.ts';
import { isOurs, planSlices, SERVICE_LABEL } from './plan.ts';
import { followSelectedPods, selects } from './selected-pods.ts';
import { TriggerTimes } from './trigger-times.ts';

/** The endpoint slice controller as a component. */
export function newEndpointSliceController(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const services = context.informer(SERVICES);
  const slices = context.informer(ENDPOINTSLICES);
  const pods = context.informer(PODS);
  const nodes = context.informer(NODES);
  const ofService = (slice: DeepReadonly<EndpointSlice>): string[] => {
    const name = slice.metadata.labels?.[SERVICE_LABEL];
    return name && isOurs(slice) ? [`${slice.metadata.namespace ?? ''}/${name}`] : [];
  };
  slices.addIndex('service', ofService);
  const queue = newWorkqueue({ name: 'endpoint_slice', clock, metrics });
  const triggerTimes = new TriggerTimes();
  const serviceChanged = (service: DeepReadonly<Service>): void => queue.add(objectKey(service));
  const sliceChanged = (slice: DeepReadonly<EndpointSlice>): void => {
    for (const key of ofService(slice)) queue.add(key);
  };
  services.onChange({
    added: serviceChanged,
    updated: serviceChanged,
    deleted: (service) => triggerTimes.forget(objectKey(service)),
  });
  slices.onChange({ updated: sliceChanged, deleted: sliceChanged });
  followSelectedPods(pods, services, queue);
  const sync = async (key: string): Promise<undefined> => {
    const { namespace, name } = splitObjectKey(key);
    const service = services.lister.get(namespace, name);
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return;
    if (service.spec.type === 'ExternalName' || service.spec.selector === undefined) return;
    const chosen = pods.lister.list(namespace).filter((pod) => selects(service, pod));
    const groups = wantedGroups(service, chosen, (node) => nodes.lister.get('', node));
    const present = slices.lister
      .byIndex('service', key)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const triggered = triggerTimes.next(key, service, chosen);
    const { create, update, remove } = planSlices(service, groups, present, triggered);
    try {
      for (const slice of create) await client.create(ENDPOINTSLICES, namespace, slice);
      for (const slice of update) await client.update(ENDPOINTSLICES, slice);
      for (const { metadata } of remove) await client.delete(ENDPOINTSLICES, namespace, metadata.name);
    } catch (error) {
      if (!isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
  };
  return newController({
    name: 'endpoint-slice-controller',
    reconciler: { sync },
    queue,
    log,
    informers: [services, slices, pods, nodes],
  });
}
