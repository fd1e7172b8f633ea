/** Which of this machine's addresses its pods reach it by. Pure, but for {@link readRoutes}. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** What the kernel says about the machine's networks. */
export interface Routes {
  /** Text of /proc/net/route; empty where there is none. */
  readonly table: string;
  /** IPv4 addresses of each interface, by its name. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}

interface Route {
  readonly device: string;
  readonly destination: number;
  readonly mask: number;
  readonly isDirect: boolean;
}

/** RTF_UP and RTF_GATEWAY of the kernel. */
const UP = 1;
const GATEWAY = 2;

/**
 * The machine's own address on the network that it shares with a pod of that IPv4 address; undefined where there is none, and where
 * that network is the one by which the machine reaches the world: there, others than pods would hear an answer.
 */
export function podSideAddress(pod: string, { table, addresses }: Routes): string | undefined {
  const wanted = numberOf(pod);
  if (wanted === undefined) return undefined;
  const routes = parse(table);
  const outward = new Set(routes.filter(({ mask }) => mask === 0).map(({ device }) => device));
  const [best] = routes
    .filter(({ destination, mask }) => mask !== 0 && (wanted & mask) >>> 0 === destination)
    .toSorted((a, b) => b.mask - a.mask);
  if (best === undefined || !best.isDirect || outward.has(best.device)) return undefined;
  return addresses.get(best.device)?.[0];
}

let newest: Routes = { table: '', addresses: new Map() };

/**
 * Asks the kernel, now: networks of pods come with the first pod. Addresses, which take it long to tell on a machine with many
 * pods, are asked for where the routes are others than last time.
 */
export function readRoutes(): Routes {
  let table = '';
  try {
    table = readFileSync('/proc/net/route', 'latin1');
  } catch {
    // Not Linux: containers are in a machine of their own, whose addresses are not this one's.
  }
  if (table !== '' && table === newest.table) return newest;
  const addresses = new Map<string, readonly string[]>();
  for (const [name, all = []] of Object.entries(networkInterfaces())) {
    addresses.set(
      name,
      all.filter(({ family }) => family === 'IPv4').map(({ address }) => address),
    );
  }
  newest = { table, addresses };
  return newest;
}

function parse(table: string): Route[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line): Route[] => {
      const [device = '', destination = '', , flags = '', , , , mask = ''] = line.split('\t');
      const bits = Number.parseInt(flags, 16);
      if ((bits & UP) === 0) return [];
      const isDirect = (bits & GATEWAY) === 0;
      return [{ device, destination: fromKernel(destination), mask: fromKernel(mask), isDirect }];
    });
}

/** The kernel prints addresses as numbers of the machine, whose lowest byte comes first on all that Node runs on. */
function fromKernel(hex: string): number {
  return Buffer.from(hex.trim(), 'hex').readUInt32LE();
}

function numberOf(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part))) return undefined;
  return Buffer.from(parts).readUInt32BE();
}
