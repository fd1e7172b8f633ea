import { BlockList, isIPv6 } from 'node:net';

/** Addresses that lead to one machine alone, to one link, to many or to nobody. */
const OTHERS = new BlockList();
OTHERS.addSubnet('127.0.0.0', 8);
OTHERS.addSubnet('169.254.0.0', 16);
OTHERS.addSubnet('224.0.0.0', 4);
OTHERS.addAddress('0.0.0.0');
OTHERS.addAddress('255.255.255.255');
OTHERS.addAddress('::', 'ipv6');
OTHERS.addAddress('::1', 'ipv6');
OTHERS.addSubnet('fe80::', 10, 'ipv6');
OTHERS.addSubnet('ff00::', 8, 'ipv6');

/** Whether an address is one machine's, and of use beyond its link: what Go's net package calls global unicast. Pure. */
export function isGlobalUnicast(address: string): boolean {
  return !OTHERS.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
