import { type DeepReadonly, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isNamespaceTerminating, isNotFound } from '../../apimachinery/status-error.ts';
import { isPodTerminal, sameMeaning } from '../../apis/core/index.ts';
import type { Pod, Service } from '../../apis/core/types.ts';
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

type AnyPod = DeepReadonly<Pod>;

/** Milliseconds for which changes of pods are gathered, so that a Job that starts a thousand pods costs a few writes. */
const BATCH_MS = 100;

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
  const serviceChanged = (service: DeepReadonly<Service>): void => queue.add(objectKey(service));
  const podChanged = (pod: AnyPod): void => {
    for (const service of services.lister.list(pod.metadata.namespace ?? '')) {
      if (selects(service, pod)) queue.addAfter(objectKey(service), BATCH_MS);
    }
  };
  const sliceChanged = (slice: DeepReadonly<EndpointSlice>): void => {
    for (const key of ofService(slice)) queue.add(key);
  };
  services.onChange({ added: serviceChanged, updated: serviceChanged });
  slices.onChange({ updated: sliceChanged, deleted: sliceChanged });
  pods.onChange({
    added: podChanged,
    updated: (pod, old) => {
      if (!isOther(pod, old)) return;
      podChanged(pod);
      if (!sameMeaning(pod.metadata.labels, old.metadata.labels)) podChanged(old);
    },
    deleted: podChanged,
  });
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
    const { create, update, remove } = planSlices(service, groups, present);
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

function selects({ metadata, spec }: DeepReadonly<Service>, pod: AnyPod): boolean {
  if (spec.selector === undefined || metadata.namespace !== pod.metadata.namespace) return false;
  const labels = pod.metadata.labels ?? {};
  return Object.entries(spec.selector).every(([key, value]) => labels[key] === value);
}

/** Whether anything that an endpoint says of its pod has changed. */
function isOther(pod: AnyPod, old: AnyPod): boolean {
  const told = ({ metadata, spec, status }: AnyPod): unknown => [
    metadata.labels,
    metadata.deletionTimestamp,
    spec.nodeName,
    spec.hostname,
    spec.subdomain,
    status.podIPs,
    isPodTerminal({ status }),
    status.conditions?.find(({ type }) => type === 'Ready')?.status,
  ];
  return JSON.stringify(told(pod)) !== JSON.stringify(told(old));
}
