/** What the service of the API server and its endpoints have to look like. Pure. */
import { isIP, isIPv6 } from 'node:net';
import type { Draft } from '../../apimachinery/meta/object.ts';
import type { Endpoints, Service } from '../../apis/core/types.ts';
import type { EndpointSlice } from '../../apis/discovery/index.ts';

/** Where the API server is reached by pods and other machines. */
export interface ServerAddress {
  /** An IP address without brackets, or a name of this machine. */
  readonly host: string;
  readonly port: number;
}

/** Name of the service, its Endpoints and its slice. */
export const NAME = 'kubernetes';
/** The namespace of all three. */
export const NAMESPACE = 'default';

/** The first address of the range from which services get theirs. */
const CLUSTER_IP = '10.96.0.1';
const PORT = { name: 'https', protocol: 'TCP' } as const;

/** The service as it is to be. */
export function wantedService({ port }: ServerAddress): Draft<Service> {
  return {
    metadata: { name: NAME, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP: CLUSTER_IP,
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      type: 'ClusterIP',
      ports: [{ ...PORT, port: 443, targetPort: port }],
    },
  };
}

/** The Endpoints as they are to be, or undefined where nobody could reach one. Labelled so that nobody makes slices of them. */
export function wantedEndpoints({ host, port }: ServerAddress): Draft<Endpoints> | undefined {
  if (isUnreachable(host)) return undefined;
  return {
    metadata: { name: NAME, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: host }], ports: [{ ...PORT, port }] }],
  };
}

/** The endpoint slice as it is to be, or undefined likewise. */
export function wantedSlice({ host, port }: ServerAddress): Draft<EndpointSlice> | undefined {
  if (isUnreachable(host)) return undefined;
  return {
    metadata: { name: NAME, labels: { 'kubernetes.io/service-name': NAME } },
    addressType: isIPv6(host) ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [host], conditions: { ready: true } }],
    ports: [{ ...PORT, port }],
  };
}

/** What the API refuses as an endpoint: loopback addresses, and names. */
function isUnreachable(host: string): boolean {
  return isIP(host) === 0 || host.startsWith('127.') || host === '::1';
}
