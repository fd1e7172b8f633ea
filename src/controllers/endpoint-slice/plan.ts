/** Which slices have to be made, changed and deleted. Pure. */
import { newControllerRef } from '../../apimachinery/meta/controller-ref.ts';
import type { DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import { sameMeaning } from '../../apis/core/index.ts';
import type { Service } from '../../apis/core/types.ts';
import type { Endpoint, EndpointSlice } from '../../apis/discovery/index.ts';
import { type AddressType, addressTypes, type EndpointGroup, groupKey } from './endpoints.ts';
import { withTriggerTime } from './trigger-times.ts';

type AnySlice = DeepReadonly<EndpointSlice>;
type AnyService = DeepReadonly<Service>;

/** Endpoints in one slice: upstream's default. */
const ENDPOINTS_MAX = 100;
/** Names the service of a slice. */
export const SERVICE_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
/** This controller, as slices name it. */
const MANAGER = 'endpointslice-controller.k8s.io';

/** What is to be done; every slice stands in one of the lists at most. */
export interface SlicePlan {
  readonly create: readonly Draft<EndpointSlice>[];
  readonly update: readonly AnySlice[];
  readonly remove: readonly AnySlice[];
}

/** Whether a slice is this controller's. */
export function isOurs({ metadata }: AnySlice): boolean {
  return metadata.labels?.[MANAGED_BY_LABEL] === MANAGER;
}

interface Page {
  /** Absent: it is new. */
  readonly slice?: AnySlice;
  readonly endpoints: DeepReadonly<Endpoint>[];
}

/**
 * Brings `slices` to hold `groups`. Endpoints stay where they are, and new ones fill up what has room. `triggered`: when what is to be
 * told came about.
 */
export function planSlices(
  service: AnyService,
  groups: ReadonlyMap<string, EndpointGroup>,
  slices: readonly AnySlice[],
  triggered: string | undefined,
): SlicePlan {
  const labels = labelsFor(service);
  const create: Draft<EndpointSlice>[] = [];
  const update: AnySlice[] = [];
  const remove: AnySlice[] = [];
  const settle = (page: Page, type: AddressType, ports: EndpointGroup['ports']): void => {
    const { slice, endpoints } = page;
    const annotations = withTriggerTime(slice?.metadata.annotations, triggered);
    if (slice === undefined) {
      create.push(newSlice(service, { labels, annotations }, type, ports, endpoints));
    } else if (!sameMeaning(slice.endpoints, endpoints) || !sameMeaning(slice.metadata.labels, labels)) {
      update.push({ ...slice, metadata: { ...slice.metadata, labels, annotations }, endpoints });
    }
  };
  for (const type of addressTypes(service)) {
    const ofType = slices.filter(({ addressType }) => addressType === type);
    const wanted = [...groups].filter(([, group]) => group.addressType === type);
    const empty: AnySlice[] = [];
    for (const slice of ofType) {
      if (!groups.has(groupKey(type, slice.ports))) empty.push(slice);
    }
    for (const [key, group] of wanted) {
      const own = ofType.filter(({ ports }) => groupKey(type, ports) === key);
      for (const page of paged(group, own)) {
        if (page.endpoints.length > 0) settle(page, type, group.ports);
        else if (page.slice !== undefined) empty.push(page.slice);
      }
    }
    if (wanted.length > 0) remove.push(...empty);
    else {
      // One slice stays, empty, so that readers see that the service is known.
      const kept = empty.find(({ ports }) => !ports?.length);
      settle({ ...(kept === undefined ? {} : { slice: kept }), endpoints: [] }, type, []);
      remove.push(...empty.filter((each) => each !== kept));
    }
  }
  const types: readonly string[] = addressTypes(service);
  remove.push(...slices.filter(({ addressType }) => !types.includes(addressType)));
  return { create, update, remove };
}

/** Distributes a group over its slices. */
function paged({ endpoints }: EndpointGroup, slices: readonly AnySlice[]): readonly Page[] {
  const missing = new Map(endpoints);
  const pages: Page[] = slices.map((slice) => {
    const kept = (slice.endpoints ?? []).flatMap(({ targetRef }) => {
      const uid = targetRef?.uid ?? '';
      const endpoint = missing.get(uid);
      missing.delete(uid);
      return endpoint === undefined ? [] : [endpoint];
    });
    return { slice, endpoints: kept };
  });
  for (const endpoint of missing.values()) {
    let page = pages.find((each) => each.endpoints.length > 0 && each.endpoints.length < ENDPOINTS_MAX);
    page ??= pages.find((each) => each.endpoints.length < ENDPOINTS_MAX);
    if (page === undefined) {
      page = { endpoints: [] };
      pages.push(page);
    }
    page.endpoints.push(endpoint);
  }
  return pages;
}

function labelsFor({ metadata, spec }: AnyService): Record<string, string> {
  const reserved = new Set([SERVICE_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL]);
  const own = Object.entries(metadata.labels ?? {}).filter(([key]) => !reserved.has(key));
  const hasAddress = Boolean(spec.clusterIP) && spec.clusterIP !== 'None';
  return {
    ...Object.fromEntries(own),
    ...(hasAddress ? {} : { [HEADLESS_LABEL]: '' }),
    [SERVICE_LABEL]: metadata.name,
    [MANAGED_BY_LABEL]: MANAGER,
  };
}

function newSlice(
  { metadata }: AnyService,
  own: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> },
  addressType: AddressType,
  ports: EndpointGroup['ports'],
  endpoints: readonly DeepReadonly<Endpoint>[],
): Draft<EndpointSlice> {
  const owner = newControllerRef({ metadata }, { apiVersion: 'v1', kind: 'Service' });
  return {
    metadata: { generateName: `${metadata.name}-`, ...own, ownerReferences: [owner] },
    addressType,
    ports: [...ports],
    endpoints: endpoints as Endpoint[],
  };
}
