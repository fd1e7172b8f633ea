import { type DeepReadonly, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isNamespaceTerminating, isNotFound } from '../../apimachinery/status-error.ts';
import type { Endpoints, Service } from '../../apis/core/types.ts';
import type { EndpointSlice } from '../../apis/discovery/index.ts';
import {
  type Component,
  type ComponentContext,
  ENDPOINTS,
  ENDPOINTSLICES,
  type Informer,
  newController,
  newWorkqueue,
  SERVICES,
  type Workqueue,
} from '../../client/index.ts';
import { isOurs, type MirrorPlan, planMirror, SERVICE_LABEL, wantsMirror } from './plan.ts';
import { ADDRESSES_MAX, wantedSlices } from './wanted.ts';

/** Milliseconds after which a copy that failed is tried again, and the most that they grow to: upstream's, longer than other loops'. */
const RETRY = { baseMs: 1_000, maxMs: 100_000 };

/** The endpoint slice mirroring controller as a component. */
export function newEndpointSliceMirroringController(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const services = context.informer(SERVICES);
  const slices = context.informer(ENDPOINTSLICES);
  const endpoints = context.informer(ENDPOINTS);
  const events = context.recorder('endpoint-slice-mirroring-controller');
  slices.addIndex('mirrored', ofEndpoints);
  const queue = newWorkqueue({ name: 'endpoint_slice_mirroring', clock, metrics, retry: RETRY });
  followSources({ services, endpoints, slices }, queue);

  /** Undefined when there is nothing to copy. */
  const mirrored = (namespace: string, name: string): DeepReadonly<Endpoints> | undefined => {
    const found = endpoints.lister.get(namespace, name);
    const service = services.lister.get(namespace, name);
    const isMirrored = found !== undefined && wantsMirror(found) && service?.spec.selector === undefined;
    return isMirrored && service !== undefined ? found : undefined;
  };
  const carryOut = async (namespace: string, { create, update, remove }: MirrorPlan): Promise<void> => {
    for (const slice of create) await client.create(ENDPOINTSLICES, namespace, slice);
    for (const slice of update) await client.update(ENDPOINTSLICES, slice);
    for (const { metadata } of remove) await client.delete(ENDPOINTSLICES, namespace, metadata.name);
  };
  const sync = async (key: string): Promise<undefined> => {
    const { namespace, name } = splitObjectKey(key);
    const present = slices.lister
      .byIndex('mirrored', key)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const source = mirrored(namespace, name);
    const wanted = source === undefined ? undefined : wantedSlices(source);
    const skipped = wanted?.skipped ?? 0;
    if (source !== undefined && skipped > 0) {
      const why = `A max of ${ADDRESSES_MAX} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
      events.event(source, 'Warning', 'TooManyAddressesToMirror', why);
    }
    const plan =
      source === undefined || wanted === undefined
        ? { create: [], update: [], remove: present }
        : planMirror(source, wanted.slices, present);
    try {
      await carryOut(namespace, plan);
    } catch (error) {
      if (!isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
  };
  return newController({
    name: 'endpoint-slice-mirroring-controller',
    reconciler: { sync },
    queue,
    log,
    informers: [services, slices, endpoints],
  });
}

/** What copies are made of, and they themselves. */
interface Sources {
  readonly services: Informer<Service>;
  readonly endpoints: Informer<Endpoints>;
  readonly slices: Informer<EndpointSlice>;
}

/** Marks the Endpoints whose copies a change may concern. */
function followSources({ services, endpoints, slices }: Sources, queue: Workqueue): void {
  const serviceChanged = (service: DeepReadonly<Service>): void => {
    if (service.spec.selector === undefined) queue.add(objectKey(service));
  };
  const endpointsChanged = (each: DeepReadonly<Endpoints>): void => {
    if (wantsMirror(each)) queue.add(objectKey(each));
  };
  const sliceChanged = (slice: DeepReadonly<EndpointSlice>): void => {
    for (const key of ofEndpoints(slice)) queue.add(key);
  };
  services.onChange({
    added: serviceChanged,
    updated: (service, old) => {
      const had = old.spec.selector !== undefined;
      if ((service.spec.selector !== undefined) !== had) queue.add(objectKey(service));
    },
    deleted: serviceChanged,
  });
  endpoints.onChange({
    added: endpointsChanged,
    updated: (each, old) => {
      if (wantsMirror(each) || wantsMirror(old)) queue.add(objectKey(each));
    },
    deleted: endpointsChanged,
  });
  slices.onChange({
    added: sliceChanged,
    updated: (slice, old) => {
      sliceChanged(slice);
      sliceChanged(old);
    },
    deleted: sliceChanged,
  });
}

/** The key of the Endpoints that a slice is a copy of; none for a slice of others. */
function ofEndpoints(slice: DeepReadonly<EndpointSlice>): string[] {
  const name = slice.metadata.labels?.[SERVICE_LABEL];
  return name && isOurs(slice) ? [`${slice.metadata.namespace ?? ''}/${name}`] : [];
}
