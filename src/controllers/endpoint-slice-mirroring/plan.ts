/** Which slices have to be made, changed and deleted. Pure. */
import { newControllerRef } from '../../apimachinery/meta/controller-ref.ts';
import type { DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import { sameMeaning } from '../../apis/core/index.ts';
import type { Endpoints } from '../../apis/core/types.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../apis/discovery/index.ts';
import type { WantedSlice } from './wanted.ts';

type AnySlice = DeepReadonly<EndpointSlice>;

/** Names the service of a slice. */
export const SERVICE_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
/** This controller, as slices name it. */
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
/** How client-go once kept the record of a leader election. */
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
/** What concerns the Endpoints alone. */
const OWN_ANNOTATIONS = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

/** What is to be done; every slice stands in one of the lists at most. */
export interface MirrorPlan {
  readonly create: readonly Draft<EndpointSlice>[];
  readonly update: readonly AnySlice[];
  readonly remove: readonly AnySlice[];
}

/** Whether a slice is this controller's. */
export function isOurs({ metadata }: AnySlice): boolean {
  return metadata.labels?.[MANAGED_BY_LABEL] === MANAGER;
}

/** Whether Endpoints are to have a copy, whatever their service says. */
export function wantsMirror({ metadata }: DeepReadonly<Endpoints>): boolean {
  return metadata.labels?.[SKIP_LABEL] !== 'true' && metadata.annotations?.[LEADER_ANNOTATION] === undefined;
}

/** Brings `slices`, all this controller's and of these Endpoints, to hold what is wanted. One that is not wanted any more is used again. */
export function planMirror(
  endpoints: DeepReadonly<Endpoints>,
  wanted: readonly WantedSlice[],
  slices: readonly AnySlice[],
): MirrorPlan {
  const spare = new Set(slices);
  const create: Draft<EndpointSlice>[] = [];
  const update: AnySlice[] = [];
  const homeless: WantedSlice[] = [];
  const settle = (slice: AnySlice, { ports, endpoints: held }: WantedSlice): void => {
    spare.delete(slice);
    const { labels, annotations, ownerReferences } = metadataFor(endpoints);
    const right: AnySlice = {
      ...slice,
      metadata: { ...slice.metadata, labels, annotations, ownerReferences },
      ports,
      endpoints: held,
    };
    const { metadata } = slice;
    const isRight =
      sameMeaning(inOrder(slice.endpoints), inOrder(held)) &&
      sameMeaning(metadata.labels, labels, 'labels') &&
      sameMeaning(metadata.annotations, annotations, 'annotations') &&
      metadata.ownerReferences?.some(({ uid }) => uid === endpoints.metadata.uid) === true;
    if (!isRight) update.push(right);
  };
  for (const each of wanted) {
    const key = groupKey(each.addressType, each.ports);
    const own = slices.find((slice) => spare.has(slice) && groupKey(slice.addressType, slice.ports) === key);
    if (own === undefined) homeless.push(each);
    else settle(own, each);
  }
  for (const each of homeless) {
    const reused = [...spare].find(({ addressType }) => addressType === each.addressType);
    if (reused !== undefined) settle(reused, each);
    else {
      create.push({
        metadata: { generateName: `${endpoints.metadata.name}-`, ...metadataFor(endpoints) },
        addressType: each.addressType,
        ports: [...each.ports],
        endpoints: each.endpoints as Endpoint[],
      });
    }
  }
  return { create, update, remove: [...spare] };
}

function metadataFor({
  metadata,
}: DeepReadonly<Endpoints>): Pick<
  Required<EndpointSlice['metadata']>,
  'annotations' | 'labels' | 'ownerReferences'
> {
  const { name, labels, annotations = {} } = metadata;
  return {
    labels: { ...labels, [SERVICE_LABEL]: name, [MANAGED_BY_LABEL]: MANAGER },
    annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !OWN_ANNOTATIONS.has(key))),
    ownerReferences: [newControllerRef({ metadata }, { apiVersion: 'v1', kind: 'Endpoints' })],
  };
}

/** What slices of a group have in common; the order of ports says nothing. */
function groupKey(addressType: string, ports: DeepReadonly<EndpointPort[]> | null | undefined): string {
  const texts = (ports ?? []).map(({ name = '', protocol = '', port, appProtocol = '' }) =>
    JSON.stringify([name, protocol, port ?? null, appProtocol]),
  );
  return `${addressType} ${texts.sort().join(' ')}`;
}

function inOrder(endpoints: DeepReadonly<Endpoint[]> | null | undefined): readonly DeepReadonly<Endpoint>[] {
  const key = ({ addresses, hostname, targetRef }: DeepReadonly<Endpoint>): string =>
    JSON.stringify([addresses, hostname ?? '', targetRef?.uid ?? '']);
  return [...(endpoints ?? [])].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
