/** What the slices of some Endpoints should hold. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { canonicalAddress } from '../../apis/core/index.ts';
import type { EndpointAddress, Endpoints, EndpointPort as SubsetPort } from '../../apis/core/types.ts';
import type { Endpoint, EndpointPort } from '../../apis/discovery/index.ts';

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

type Address = DeepReadonly<EndpointAddress>;

/** An address and whether it is ready, as it stands behind one port. */
interface Place {
  readonly key: string;
  readonly address: Address;
  ready: boolean;
}

/** Addresses with the same ports. */
interface Subset {
  readonly ports: DeepReadonly<SubsetPort>[];
  readonly places: readonly Place[];
}

/**
 * Takes subsets apart and puts together what belongs together: an address stands once behind a port, ready only where every subset says so,
 * and ports with the same addresses share a slice for each family.
 */
export function wantedSlices({ subsets = [] }: DeepReadonly<Endpoints>): Wanted {
  const slices: WantedSlice[] = [];
  let skipped = 0;
  for (const { ports, places } of repacked(subsets)) {
    const inOrder = [...places].sort((a, b) => Number(b.ready) - Number(a.ready) || (a.key < b.key ? -1 : 1));
    skipped += Math.max(0, inOrder.length - ADDRESSES_MAX);
    const taken = inOrder.slice(0, ADDRESSES_MAX).map(endpointOf);
    for (const addressType of ['IPv4', 'IPv6'] as const) {
      const isIPv6 = addressType === 'IPv6';
      const endpoints = taken.filter(({ addresses }) => addresses[0]?.includes(':') === isIPv6);
      if (endpoints.length > 0) slices.push({ addressType, ports: ports.map(portOf), endpoints });
    }
  }
  return { slices, skipped };
}

function repacked(subsets: NonNullable<DeepReadonly<Endpoints>['subsets']>): readonly Subset[] {
  const byPort = new Map<string, { readonly port?: DeepReadonly<SubsetPort>; places: Map<string, Place> }>();
  /** The first of several alike speaks for all. */
  const known = new Map<string, Address>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    for (const port of ports.length === 0 ? [undefined] : ports) {
      const portKey = port === undefined ? '' : keyOf(port);
      const behind = byPort.get(portKey) ?? { ...(port && { port }), places: new Map<string, Place>() };
      byPort.set(portKey, behind);
      const add = (ready: boolean, address: Address): void => {
        const key = JSON.stringify([address.ip, address.targetRef?.uid ?? '']);
        if (!known.has(key)) known.set(key, address);
        const place = behind.places.get(key);
        if (place !== undefined) place.ready &&= ready;
        else behind.places.set(key, { key, address: known.get(key) ?? address, ready });
      };
      for (const address of addresses) add(true, address);
      for (const address of notReadyAddresses) add(false, address);
    }
  }
  const byPlaces = new Map<string, Subset>();
  for (const { port, places } of byPort.values()) {
    const all = [...places.values()];
    const key = all
      .map((place) => `${place.ready} ${place.key}`)
      .sort()
      .join(' ');
    const subset = byPlaces.get(key) ?? { ports: [], places: all };
    byPlaces.set(key, subset);
    if (port !== undefined) subset.ports.push(port);
  }
  return [...byPlaces.values()];
}

function keyOf({ name = '', protocol = 'TCP', port, appProtocol }: DeepReadonly<SubsetPort>): string {
  return JSON.stringify([name, protocol, port, appProtocol ?? null]);
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
