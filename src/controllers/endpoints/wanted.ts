/** What the Endpoints of a service should say. Pure. */
import { isIPv6 } from 'node:net';
import type { FieldError } from '../../apimachinery/field-error.ts';
import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { canonicalAddress, validateReachableAddress } from '../../apis/core/index.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from '../../apis/core/types.ts';
import { hasPlace, portNumber } from '../endpoint-slice/index.ts';
import { repackSubsets } from './repack.ts';

type AnyPod = DeepReadonly<Pod>;
type AnyService = DeepReadonly<Service>;
type Subsets = readonly DeepReadonly<EndpointSubset>[];

/** Addresses in one object: upstream's bound, so that it stays of a size that can be written. */
const ADDRESSES_MAX = 1_000;
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
const MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by';

/** The name under which the controller writes, in a label and in events. */
export const CONTROLLER_NAME = 'endpoint-controller';

/** The subsets that the pods make which a service chooses, and whether there are more addresses than have room. */
export function wantedSubsets(
  service: AnyService,
  pods: readonly AnyPod[],
): { readonly subsets: Subsets; readonly truncated: boolean } {
  const apart = pods.flatMap((pod): DeepReadonly<EndpointSubset>[] => {
    const address = addressOf(service, pod);
    if (address === undefined) return [];
    const ready = service.spec.publishNotReadyAddresses === true || isReady(pod);
    const place = ready ? { addresses: [address] } : { notReadyAddresses: [address] };
    return portsOf(service, pod).map((ports) => ({ ...place, ports }));
  });
  return truncated(repackSubsets(apart));
}

/** The labels: the service's own, and what tells who wrote them. */
export function wantedLabels({ metadata, spec }: AnyService): Record<string, string> {
  const { [HEADLESS_LABEL]: _, ...own } = metadata.labels ?? {};
  const hasAddress = Boolean(spec.clusterIP) && spec.clusterIP !== 'None';
  return { ...own, ...(hasAddress ? {} : { [HEADLESS_LABEL]: '' }), [MANAGED_BY_LABEL]: CONTROLLER_NAME };
}

/** A pod's address in the service's first family; undefined for a pod that has none, has ended, or is about to. */
function addressOf({ metadata, spec }: AnyService, pod: AnyPod): DeepReadonly<EndpointAddress> | undefined {
  if (!hasPlace(pod)) return undefined;
  if (pod.metadata.deletionTimestamp !== undefined && spec.publishNotReadyAddresses !== true)
    return undefined;
  const family = spec.ipFamilies?.[0] ?? (isIPv6(pod.status.podIP ?? '') ? 'IPv6' : 'IPv4');
  const found = pod.status.podIPs?.find(({ ip }) => ip !== '' && isIPv6(ip) === (family === 'IPv6'));
  if (found === undefined || !mayStandInEndpoints(found.ip)) return undefined;
  const { hostname, subdomain, nodeName } = pod.spec;
  const { namespace = '', name, uid } = pod.metadata;
  return {
    ip: canonicalAddress(found.ip),
    ...(hostname && subdomain === metadata.name ? { hostname } : {}),
    ...(nodeName && { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/**
 * Whether the API takes an address in Endpoints. It takes none of this very machine, which pods have that share the network of a
 * machine without any other; slices name them.
 */
function mayStandInEndpoints(ip: string): boolean {
  const errors: FieldError[] = [];
  validateReachableAddress(errors, 'ip', ip);
  return errors.length === 0;
}

/** The ports behind which a pod stands, each by itself; one without any for a headless service that has none. */
function portsOf({ spec }: AnyService, pod: AnyPod): readonly DeepReadonly<EndpointPort>[][] {
  const { ports = [], clusterIP } = spec;
  if (ports.length === 0) return clusterIP === 'None' ? [[]] : [];
  return ports.flatMap((each) => {
    const port = portNumber(each, pod);
    if (port === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = each;
    return [[{ ...(name && { name }), port, protocol, ...(appProtocol !== undefined && { appProtocol }) }]];
  });
}

function isReady({ status }: AnyPod): boolean {
  return isConditionTrue(status.conditions, 'Ready');
}

/**
 * Leaves as many addresses as have room: those that are ready first, of each subset in proportion to what it has, rounded up until there is
 * no room.
 */
function truncated(subsets: Subsets): { readonly subsets: Subsets; readonly truncated: boolean } {
  const count = (key: 'addresses' | 'notReadyAddresses'): number =>
    subsets.reduce((sum, subset) => sum + (subset[key]?.length ?? 0), 0);
  const [ready, notReady] = [count('addresses'), count('notReadyAddresses')];
  if (ready + notReady <= ADDRESSES_MAX) return { subsets, truncated: false };
  const cutsReady = ready > ADDRESSES_MAX;
  const room = cutsReady ? ADDRESSES_MAX : ADDRESSES_MAX - ready;
  const total = cutsReady ? ready : notReady;
  let left = room;
  const cut = (list: readonly DeepReadonly<EndpointAddress>[] = []): DeepReadonly<EndpointAddress>[] => {
    const kept = list.slice(0, Math.min(Math.ceil((list.length / total) * room), left));
    left -= kept.length;
    return kept;
  };
  const shortened = subsets.map(({ addresses, notReadyAddresses, ...others }) =>
    cutsReady
      ? { ...others, addresses: cut(addresses) }
      : { ...others, ...(addresses && { addresses }), notReadyAddresses: cut(notReadyAddresses) },
  );
  return { subsets: shortened, truncated: true };
}
