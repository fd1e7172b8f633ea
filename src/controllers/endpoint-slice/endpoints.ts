/** The endpoints that a service should have. Pure. */
import { isIPv6 } from 'node:net';
import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Node, Pod, Service, ServicePort } from '../../apis/core/types.ts';
import type { Endpoint, EndpointPort } from '../../apis/discovery/index.ts';
import { byHash, slicePortText } from './go-hash.ts';

type AnyPod = DeepReadonly<Pod>;
type AnyService = DeepReadonly<Service>;
/** The families for which slices are made. */
export type AddressType = 'IPv4' | 'IPv6';

/** Endpoints with the same ports and the same kind of addresses: they may share a slice. */
export interface EndpointGroup {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  /** By the uid of the pod. */
  readonly endpoints: Map<string, Endpoint>;
}

/** The families that a service has addresses of. */
export function addressTypes({ spec }: AnyService): readonly AddressType[] {
  const families = spec.ipFamilies ?? [];
  return families.length > 0 ? families.map((family) => (family === 'IPv6' ? 'IPv6' : 'IPv4')) : ['IPv4'];
}

/** Groups of the endpoints that the pods make, by {@link groupKey}. */
export function wantedGroups(
  service: AnyService,
  pods: readonly AnyPod[],
  nodeOf: (name: string) => DeepReadonly<Node> | undefined,
): Map<string, EndpointGroup> {
  const groups = new Map<string, EndpointGroup>();
  for (const pod of pods) {
    if (!hasPlace(pod)) continue;
    const ports = portsOf(service, pod);
    for (const addressType of addressTypes(service)) {
      const addresses = (pod.status.podIPs ?? [])
        .map(({ ip }) => ip)
        .filter((ip) => ip !== '' && isIPv6(ip) === (addressType === 'IPv6'));
      if (addresses.length === 0) continue;
      const key = groupKey(addressType, ports);
      const group = groups.get(key) ?? newGroup(addressType, ports);
      groups.set(key, group);
      group.endpoints.set(pod.metadata.uid, endpointOf(service, pod, addresses, nodeOf));
    }
  }
  return groups;
}

function newGroup(addressType: AddressType, ports: readonly EndpointPort[]): EndpointGroup {
  return { addressType, ports: byHash(ports, slicePortText), endpoints: new Map() };
}

/** What slices of a group have in common. */
export function groupKey(
  addressType: string,
  ports: DeepReadonly<EndpointPort[]> | null | undefined,
): string {
  const texts = (ports ?? []).map(({ name = '', protocol = '', port, appProtocol = '' }) =>
    JSON.stringify([name, protocol, port ?? null, appProtocol]),
  );
  return `${addressType} ${texts.sort().join(' ')}`;
}

/** Whether a pod that has not ended has an address. */
export function hasPlace(pod: AnyPod): boolean {
  const { podIP, podIPs = [] } = pod.status;
  return !isPodTerminal(pod) && (Boolean(podIP) || podIPs.length > 0);
}

function endpointOf(
  { metadata: { name: serviceName }, spec: { publishNotReadyAddresses } }: AnyService,
  { metadata, spec, status }: AnyPod,
  addresses: string[],
  nodeOf: (name: string) => DeepReadonly<Node> | undefined,
): Endpoint {
  const serving = isConditionTrue(status.conditions, 'Ready');
  const terminating = metadata.deletionTimestamp !== undefined;
  const { nodeName, hostname, subdomain } = spec;
  const zone = nodeName ? nodeOf(nodeName)?.metadata.labels?.['topology.kubernetes.io/zone'] : undefined;
  return {
    addresses,
    conditions: {
      ready: publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(hostname && subdomain === serviceName ? { hostname } : {}),
    targetRef: {
      kind: 'Pod',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      uid: metadata.uid,
    },
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
  };
}

function portsOf({ spec }: AnyService, pod: AnyPod): readonly EndpointPort[] {
  return (spec.ports ?? []).flatMap((port): EndpointPort[] => {
    const number = portNumber(port, pod);
    if (number === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [{ name, protocol, port: number, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

/** The number of a service's port on that pod; undefined where no container has a port of that name. */
export function portNumber(port: DeepReadonly<ServicePort>, { spec }: AnyPod): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports = [] } of [...spec.containers, ...sidecars]) {
    const found = ports.find(({ name, protocol }) => name === target && protocol === port.protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}
