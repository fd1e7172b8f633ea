/** The one form of subsets that say the same. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../apis/core/types.ts';
import { byHash } from '../endpoint-slice/index.ts';
import { portText, subsetText } from './printed.ts';

type Address = DeepReadonly<EndpointAddress>;
type Port = DeepReadonly<EndpointPort>;
type Subsets = readonly DeepReadonly<EndpointSubset>[];

/** An address and whether it is ready, as it stands behind one port. */
export interface Place {
  readonly key: string;
  readonly address: Address;
  ready: boolean;
}

/** Addresses with the same ports. */
export interface PackedSubset {
  readonly ports: Port[];
  readonly places: readonly Place[];
}

/**
 * Takes subsets apart and puts together what belongs together: an address stands once behind a port, ready only where every subset says so,
 * and ports with the same addresses share a subset.
 */
export function repacked(subsets: Subsets): readonly PackedSubset[] {
  const byPort = new Map<string, { readonly port?: Port; places: Map<string, Place> }>();
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
  const byPlaces = new Map<string, PackedSubset>();
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

/**
 * The same in the order in which upstream writes it: addresses by their texts and the uids of their pods, ports and subsets by their
 * hashes. What is empty is left out.
 */
export function repackSubsets(subsets: Subsets): Subsets {
  const packed = repacked(subsets).map(({ ports, places }) => {
    const inOrder = [...places].sort(
      ({ address: a }, { address: b }) => order(a.ip, b.ip) || order(uid(a), uid(b)),
    );
    const some = <K extends string, T>(key: K, list: readonly T[]): { [key in K]?: readonly T[] } =>
      list.length === 0 ? {} : ({ [key]: list } as { [key in K]: readonly T[] });
    return {
      ...some(
        'addresses',
        inOrder.filter(({ ready }) => ready).map(({ address }) => address),
      ),
      ...some(
        'notReadyAddresses',
        inOrder.filter(({ ready }) => !ready).map(({ address }) => address),
      ),
      ...some('ports', byHash(ports, portText)),
    };
  });
  return byHash(packed, subsetText);
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const uid = ({ targetRef }: Address): string => targetRef?.uid ?? '';

function keyOf({ name = '', protocol = 'TCP', port, appProtocol }: Port): string {
  return JSON.stringify([name, protocol, port, appProtocol ?? null]);
}
