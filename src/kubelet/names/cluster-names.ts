/** The names of the cluster as the API tells them: services and their endpoint slices. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Service } from '../../apis/core/types.ts';
import type { Endpoint, EndpointSlice } from '../../apis/discovery/index.ts';
import { type ComponentContext, ENDPOINTSLICES, type Informer, SERVICES } from '../../client/index.ts';
import type { NamedEndpoint, NamedService, NameRecords } from './answer.ts';

/** Label of a slice that names its service. */
const SERVICE_LABEL = 'kubernetes.io/service-name';

/** Finds the slices of a service. */
const BY_SERVICE = 'names-service';
/** Finds the slices that hold an address. */
const BY_ADDRESS = 'names-address';
/** Finds the service that has an address of the cluster. */
const BY_CLUSTER_IP = 'names-cluster-ip';

type AnySlice = DeepReadonly<EndpointSlice>;

const serviceOf = ({ metadata }: AnySlice): readonly string[] => {
  const name = metadata.labels?.[SERVICE_LABEL];
  return name ? [`${metadata.namespace ?? ''}/${name}`] : [];
};
// Both lists read back as null when they are empty.
const addressesOf = ({ endpoints }: AnySlice): readonly string[] => [
  ...new Set((endpoints ?? []).flatMap(({ addresses }) => addresses)),
];

const clusterIPsOf = ({ spec }: DeepReadonly<Service>): readonly string[] =>
  (spec.clusterIPs ?? []).filter((address) => address !== 'None');

/** One address and port where the API server answers the pods of this node. */
interface ServerEndpoint {
  readonly address: string;
  readonly port: number;
}

/** See the file's head. */
export class ClusterNames implements NameRecords {
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;

  readonly #server: ServerEndpoint | undefined;

  /** @param server where pods reach an API server that has no endpoints, since it listens on a loopback address. */
  constructor(context: ComponentContext, server?: ServerEndpoint) {
    this.#server = server;
    this.#services = context.informer(SERVICES);
    this.#services.addIndex(BY_CLUSTER_IP, clusterIPsOf);
    this.#slices = context.informer(ENDPOINTSLICES);
    this.#slices.addIndex(BY_SERVICE, serviceOf);
    this.#slices.addIndex(BY_ADDRESS, addressesOf);
  }

  /** Begins to learn what is there. */
  start(): void {
    void this.#services.start();
    void this.#slices.start();
  }

  /** Whether all that was there at the start is known, so that what is not known does not exist. */
  get complete(): boolean {
    return this.#services.synced && this.#slices.synced;
  }

  service(namespace: string, name: string): NamedService | undefined {
    const service = this.#services.lister.get(namespace, name);
    if (service === undefined) return undefined;
    const { type, externalName = '' } = service.spec;
    if (type === 'ExternalName') return { namespace, name, externalName, clusterIPs: [], endpoints: [] };
    const clusterIPs = clusterIPsOf(service);
    const slices = this.#slices.lister.byIndex(BY_SERVICE, `${namespace}/${name}`);
    const endpoints = slices.flatMap(endpointsOf);
    if (endpoints.length > 0 || namespace !== 'default' || name !== 'kubernetes' || !this.#server) {
      return { namespace, name, externalName: '', clusterIPs, endpoints };
    }
    const { address, port } = this.#server;
    const own = { hostname: '', addresses: [address], ports: [{ name: 'https', protocol: 'TCP', port }] };
    return { namespace, name, externalName: '', clusterIPs, endpoints: [own] };
  }

  hasNamespace(namespace: string): boolean {
    return this.#services.lister.list(namespace).length > 0;
  }

  withAddress(address: string): readonly NamedService[] {
    const owners = this.#services.lister.byIndex(BY_CLUSTER_IP, address);
    const keys = new Set([
      ...owners.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`),
      ...this.#slices.lister.byIndex(BY_ADDRESS, address).flatMap(serviceOf),
    ]);
    return [...keys].flatMap((key) => {
      const [namespace = '', name = ''] = key.split('/');
      return this.service(namespace, name) ?? [];
    });
  }
}

function endpointsOf({ endpoints, ports, addressType }: AnySlice): readonly NamedEndpoint[] {
  if (addressType === 'FQDN') return [];
  const named = (ports ?? []).flatMap(({ name = '', protocol = 'TCP', port }) =>
    port === undefined ? [] : [{ name, protocol, port }],
  );
  return (endpoints ?? [])
    .filter(isReady)
    .map(({ hostname = '', addresses }) => ({ hostname, addresses, ports: named }));
}

/** What says nothing about itself counts as ready, as the field's description has it. */
function isReady({ conditions }: DeepReadonly<Endpoint>): boolean {
  return conditions?.ready !== false;
}
