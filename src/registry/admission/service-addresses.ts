/**
 * Gives services their addresses and node ports, and sees to it that none is given twice. Kubernetes allocates them when a
 * service is stored; here the services themselves are the record of what is taken.
 */
import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Random } from '../../apimachinery/random.ts';
import { newInvalid } from '../../apimachinery/status-error.ts';
import { clusterAddressErrors, familyErrors } from '../../apis/core/index.ts';
import type { Service } from '../../apis/core/types.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';
import { type AllocationCircumstances, takeNodePorts } from './node-ports.ts';

/** Addresses of 10.96.0.0/12, Kubernetes' usual range for services. */
const RANGE_PREFIX = '10.';
const RANGE_FIRST = 96;
const RANGE_LAST = 111;
const RANGE_ITSELF = '10.96.0.0';

/** See the file's head. */
export function serviceAddresses(random: Random): AdmissionPlugin {
  return {
    name: 'ServiceAddresses',
    phase: 'allocating',
    handles: ({ group, resource, subresource, verb }) =>
      group === '' && resource === 'services' && subresource === undefined && verb !== 'delete',
    async admit(object, old, { request }, { storage }) {
      if (object === undefined) return;
      const service = object as Service;
      const before = old as DeepReadonly<Service> | undefined;
      // Upstream gives addresses before it looks at anything else, and stops where it cannot.
      const { spec } = service;
      const listed = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
      const wrong = clusterAddressErrors({ ...spec, clusterIPs: listed }, before?.spec.clusterIPs);
      if (wrong.length === 0) wrong.push(...familyErrors(service.spec));
      if (wrong.length > 0) throw newInvalid('', 'Service', service.metadata.name, wrong);
      const { items } = await storage.list('/core/services/');
      const others = items
        .map((item) => item.object as unknown as DeepReadonly<Service>)
        .filter(({ metadata }) => metadata.uid !== service.metadata.uid);
      const how = { others, random, dryRun: request.parameters?.['dryRun'] === 'All' };
      const errors = takeAddress(service, before, how);
      if (errors.length > 0) throw newInvalid('', 'Service', service.metadata.name, errors);
      takeNodePorts(service, before, how);
    },
  };
}

function takeAddress(
  service: Service,
  old: DeepReadonly<Service> | undefined,
  { others, dryRun, random }: AllocationCircumstances,
): readonly FieldError[] {
  const { spec } = service;
  const asked = spec.clusterIP ?? spec.clusterIPs?.[0] ?? '';
  if (spec.type === 'ExternalName' || asked === 'None' || asked.includes(':')) return [];
  const taken = new Set(others.flatMap((each) => each.spec.clusterIPs ?? []));
  if (asked === '') {
    // A dry run shows the address that no service ever gets.
    spec.clusterIP = dryRun ? RANGE_ITSELF : freeAddress(taken, random);
    spec.clusterIPs = [spec.clusterIP, ...(spec.clusterIPs ?? []).slice(1)];
    return [];
  }
  if (old?.spec.clusterIP === asked) return [];
  const refuse = (why: string): FieldError[] => [
    invalid('spec.clusterIPs', [asked], `failed to allocate IP ${asked}: ${why}`),
  ];
  if (dryRun) {
    const why = `the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${RANGE_ITSELF}/12`;
    return isInRange(asked) && asked !== RANGE_ITSELF ? [] : refuse(why);
  }
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
