/**
 * The hashes by which upstream brings ports and subsets into an order: FNV-1a of 128 bits (draft-eastlake-fnv) over what Go's debug printer
 * (spew, with types and without addresses of memory) makes of them. Pure.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { EndpointPort } from '../../apis/discovery/index.ts';

/** A list in the order of the hashes of its members' texts. */
export function byHash<T>(list: readonly T[], textOf: (item: T) => string): readonly T[] {
  if (list.length < 2) return list;
  return list
    .map((item) => ({ item, hash: hashOf(textOf(item)) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
    .map(({ item }) => item);
}

/** A port of a slice as Go's debug printer shows it. */
export function slicePortText({ name, protocol, port, appProtocol }: DeepReadonly<EndpointPort>): string {
  const fields = [
    `Name:(*string)${name ?? '<nil>'}`,
    `Protocol:(*v1.Protocol)${protocol ?? '<nil>'}`,
    `Port:(*int32)${port ?? '<nil>'}`,
    `AppProtocol:(*string)${appProtocol ?? '<nil>'}`,
  ];
  return `(v1.EndpointPort){${fields.join(' ')}}`;
}

/** FNV-1a of 128 bits over a text's bytes, in 32 hexadecimal digits. */
export function hashOf(text: string): string {
  // Four parts of 32 bits, the lowest first. The prime is 2^88 + 0x13b: a product is a small one and a shift by 88 bits.
  let [a, b, c, d] = [0x6295c58d, 0x62b82175, 0x07bb0142, 0x6c62272e];
  for (const byte of Buffer.from(text)) {
    a = (a ^ byte) >>> 0;
    const low = a * 0x13b;
    const second = b * 0x13b + Math.floor(low / 2 ** 32);
    const third = c * 0x13b + Math.floor(second / 2 ** 32) + ((a << 24) >>> 0);
    const fourth = d * 0x13b + Math.floor(third / 2 ** 32) + (((b << 24) | (a >>> 8)) >>> 0);
    [a, b, c, d] = [low >>> 0, second >>> 0, third >>> 0, fourth >>> 0];
  }
  return [d, c, b, a].map((part) => part.toString(16).padStart(8, '0')).join('');
}
