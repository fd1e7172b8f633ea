/**
 * Gives services their addresses and node ports, and sees to it that none is given twice. Kubernetes allocates them when a
 * service is stored; here the services themselves are the record of what is taken.
 */
import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Random } from '../../apimachinery/random.ts';
import { newInvalid } from '../../apimachinery/status-error.ts';
import { clusterAddressErrors, familyErrors, needsNodePorts } from '../../apis/core/index.ts';
import type { Service } from '../../apis/core/types.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';

/** Kubernetes' usual range of node ports. */
const NODE_PORTS = { first: 30_000, last: 32_767 };
/** Ports below this are left to those who ask for one, as upstream does. */
const DYNAMIC_PORTS_FROM = 30_086;
/** Addresses of 10.96.0.0/12, Kubernetes' usual range for services. */
const RANGE_PREFIX = '10.';
const RANGE_FIRST = 96;
const RANGE_LAST = 111;

/** See the file's head. */
export function serviceAddresses(random: Random): AdmissionPlugin {
  return {
    name: 'ServiceAddresses',
    phase: 'allocating',
    handles: ({ group, resource, subresource, verb }) =>
      group === '' && resource === 'services' && subresource === undefined && verb !== 'delete',
    async admit(object, old, _, { storage }) {
      if (object === undefined) return;
      const service = object as Service;
      const before = old as DeepReadonly<Service> | undefined;
      // Upstream gives addresses before it looks at anything else, and stops where it cannot.
      const { spec } = service;
      const listed = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
      const wrong = clusterAddressErrors({ ...spec, clusterIPs: listed });
      if (wrong.length === 0) wrong.push(...familyErrors(service.spec));
      if (wrong.length > 0) throw newInvalid('', 'Service', service.metadata.name, wrong);
      const { items } = await storage.list('/core/services/');
      const others = items
        .map((item) => item.object as unknown as DeepReadonly<Service>)
        .filter(({ metadata }) => metadata.uid !== service.metadata.uid);
      const errors = [
        ...takeAddress(service, before, others, random),
        ...takeNodePorts(service, before, others, random),
      ];
      if (errors.length > 0) throw newInvalid('', 'Service', service.metadata.name, errors);
    },
  };
}

function takeAddress(
  service: Service,
  old: DeepReadonly<Service> | undefined,
  others: readonly DeepReadonly<Service>[],
  random: Random,
): readonly FieldError[] {
  const { spec } = service;
  const asked = spec.clusterIP ?? spec.clusterIPs?.[0] ?? '';
  if (spec.type === 'ExternalName' || asked === 'None' || asked.includes(':')) return [];
  const taken = new Set(others.flatMap((each) => each.spec.clusterIPs ?? []));
  if (asked === '') {
    spec.clusterIP = freeAddress(taken, random);
    return [];
  }
  if (old?.spec.clusterIP === asked) return [];
  const refuse = (why: string): FieldError[] => [
    invalid('spec.clusterIPs', [asked], `failed to allocate IP ${asked}: ${why}`),
  ];
  if (!isInRange(asked)) return refuse('the provided network does not match the current range');
  return taken.has(asked) ? refuse('provided IP is already allocated') : [];
}

function isInRange(address: string): boolean {
  const second = Number(address.split('.')[1]);
  return address.startsWith(RANGE_PREFIX) && second >= RANGE_FIRST && second <= RANGE_LAST;
}

/** A million addresses and few services: the first draw does nearly always. */
function freeAddress(taken: ReadonlySet<string>, random: Random): string {
  for (;;) {
    const number = Math.floor(random.fraction() * 2 ** 20);
    const [last, third] = [number & 255, (number >>> 8) & 255];
    // The first address of all is kept for the API server's own service.
    if (last === 0 || last === 255 || number === 1) continue;
    const address = `10.${RANGE_FIRST + (number >>> 16)}.${third}.${last}`;
    if (!taken.has(address)) return address;
  }
}

function takeNodePorts(
  { spec }: Service,
  old: DeepReadonly<Service> | undefined,
  others: readonly DeepReadonly<Service>[],
  random: Random,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!needsNodePorts(spec)) return errors;
  const taken = new Set(others.flatMap((each) => (each.spec.ports ?? []).map(({ nodePort }) => nodePort)));
  const own = new Set((old?.spec.ports ?? []).map(({ nodePort }) => nodePort));
  /** A port of two protocols is opened under one number. */
  const byPort = new Map<number, number>();
  for (const { port, nodePort } of spec.ports ?? [])
    if (nodePort && !byPort.has(port)) byPort.set(port, nodePort);
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const { nodePort } = port;
    if (nodePort) {
      const why = own.has(nodePort) ? undefined : whyNot(nodePort, taken);
      if (why !== undefined) errors.push(invalid(`spec.ports[${index}].nodePort`, nodePort, why));
    } else {
      const found = byPort.get(port.port) ?? freePort(new Set([...taken, ...byPort.values()]), random);
      if (found === undefined) errors.push(invalid(`spec.ports[${index}].nodePort`, 0, 'range is full'));
      else {
        port.nodePort = found;
        byPort.set(port.port, found);
      }
    }
  }
  return errors;
}

function whyNot(port: number, taken: ReadonlySet<number | undefined>): string | undefined {
  const { first, last } = NODE_PORTS;
  if (port < first || port > last) {
    return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
  }
  return taken.has(port) ? 'provided port is already allocated' : undefined;
}

/** A free port from a place that chance names, upwards and round. */
function freePort(taken: ReadonlySet<number | undefined>, random: Random): number | undefined {
  const count = NODE_PORTS.last - DYNAMIC_PORTS_FROM + 1;
  const start = Math.floor(random.fraction() * count);
  for (let step = 0; step < count; step++) {
    const port = DYNAMIC_PORTS_FROM + ((start + step) % count);
    if (!taken.has(port)) return port;
  }
  return undefined;
}
