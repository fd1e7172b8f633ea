/** Under which addresses a server is reached that listens on one, or on all. */
import { networkInterfaces } from 'node:os';

const ALL = ['0.0.0.0', '::'];

/** Whether only this machine itself reaches the address. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address === 'localhost';
}

/** The addresses of this machine, IPv4 first. */
function ownAddresses(): readonly string[] {
  const found = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outward = found.filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0);
  return outward
    .toSorted((a, b) => Number(a.family === 'IPv6') - Number(b.family === 'IPv6'))
    .map(({ address }) => address);
}

/** What the certificate of a server that listens there has to be good for. */
export function namesFor(listen: string): readonly string[] {
  return ALL.includes(listen) ? ownAddresses() : [listen];
}

/** The address to tell pods and other machines. */
export function advertisedAddress(listen: string): string {
  return ALL.includes(listen) ? (ownAddresses()[0] ?? '127.0.0.1') : listen;
}
