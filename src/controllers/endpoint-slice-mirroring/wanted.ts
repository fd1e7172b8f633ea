/** What the slices of some Endpoints should hold. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { canonicalAddress } from '../../apis/core/index.ts';
import type { Endpoints, EndpointPort as SubsetPort } from '../../apis/core/types.ts';
import type { Endpoint, EndpointPort } from '../../apis/discovery/index.ts';
import { byHash, slicePortText } from '../endpoint-slice/index.ts';
import { type Place, repacked } from '../endpoints/index.ts';

/** Addresses that are copied of those with the same ports: upstream's default. */
export const ADDRESSES_MAX = 1_000;

/** The families in which Endpoints have addresses. */
export type AddressType = 'IPv4' | 'IPv6';

/** What one slice should hold. */
export interface WantedSlice {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly DeepReadonly<Endpoint>[];
}

/** What all slices should hold, and how many addresses had no room. */
export interface Wanted {
  readonly slices: readonly WantedSlice[];
  readonly skipped: number;
}

/** The slices for those Endpoints: one for each family of what has the same ports. */
export function wantedSlices({ subsets = [] }: DeepReadonly<Endpoints>): Wanted {
  const slices: WantedSlice[] = [];
  let skipped = 0;
  for (const { ports, places } of repacked(subsets)) {
    const inOrder = [...places].sort((a, b) => Number(b.ready) - Number(a.ready) || (a.key < b.key ? -1 : 1));
    skipped += Math.max(0, inOrder.length - ADDRESSES_MAX);
    const taken = inOrder.slice(0, ADDRESSES_MAX).map(endpointOf);
    const inSlices = byHash(ports.map(portOf), slicePortText);
    for (const addressType of ['IPv4', 'IPv6'] as const) {
      const isIPv6 = addressType === 'IPv6';
      const endpoints = taken.filter(({ addresses }) => addresses[0]?.includes(':') === isIPv6);
      if (endpoints.length > 0) slices.push({ addressType, ports: inSlices, endpoints });
    }
  }
  return { slices, skipped };
}

function portOf({ name = '', protocol = 'TCP', port, appProtocol }: DeepReadonly<SubsetPort>): EndpointPort {
  return { name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) };
}

function endpointOf({ address, ready }: Place): DeepReadonly<Endpoint> {
  const { ip, hostname, nodeName, targetRef } = address;
  return {
    addresses: [canonicalAddress(ip)],
    conditions: { ready },
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(hostname ? { hostname } : {}),
  };
}
