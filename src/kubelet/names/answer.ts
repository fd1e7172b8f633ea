/**
 * What a name of the cluster means. Pure. Source: Kubernetes DNS-Based Service Discovery, 1.1.0; where that leaves something
 * open, as CoreDNS' plugin `kubernetes` has it.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { Answer as DnsRecord } from 'dns-packet';

/** Version of the specification, which `dns-version.DOMAIN` tells. */
const VERSION = '1.1.0';
/** Seconds for which an answer may be kept: pods come and go. */
const TTL_S = 5;

/** One place behind a service that takes connections. */
export interface NamedEndpoint {
  /** The pod's own, where its subdomain is the service; empty: the name is made from the address. */
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

/** A service as far as names go. */
export interface NamedService {
  readonly namespace: string;
  readonly name: string;
  /** Another name that this one stands for; empty for none. */
  readonly externalName: string;
  /** Its addresses of the cluster, which have its name although nothing answers there. */
  readonly clusterIPs: readonly string[];
  /** Those that are ready, or all where the service publishes those that are not. */
  readonly endpoints: readonly NamedEndpoint[];
}

/** Where the answers come from. */
export interface NameRecords {
  /** Whether what is not known does not exist; otherwise it is too early to say so. */
  readonly complete: boolean;
  service(namespace: string, name: string): NamedService | undefined;
  /** Whether a namespace has any service. */
  hasNamespace(namespace: string): boolean;
  /** The services that have that address, or have it among their endpoints. */
  withAddress(address: string): readonly NamedService[];
}

/** What a pod asks of its DNS server. */
export interface NameQuestion {
  /** With or without its last dot, in any case. */
  readonly name: string;
  /** `A`, `SRV`, … */
  readonly type: string;
}

/** What it is told; without answers, a name that exists has nothing of the type. */
export interface NameAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  readonly answers: readonly DnsRecord[];
  /** What whoever got the answers will ask next. */
  readonly additionals: readonly DnsRecord[];
}

const NOTHING: NameAnswer = { rcode: 'NOERROR', answers: [], additionals: [] };
const UNKNOWN: NameAnswer = { rcode: 'NXDOMAIN', answers: [], additionals: [] };

/** Answers a question about the cluster; undefined for a name that is not the cluster's. */
export function answer(question: NameQuestion, records: NameRecords, domain: string): NameAnswer | undefined {
  const name = question.name.toLowerCase().replace(/\.$/, '');
  if (name === domain) return NOTHING;
  if (!name.endsWith(`.${domain}`)) return reverseAnswer(name, question, records, domain);
  const labels = name.slice(0, -domain.length - 1).split('.');
  const kind = labels.pop();
  if (kind === 'dns-version' && labels.length === 0) {
    return told(question, 'TXT', [{ name: question.name, type: 'TXT', ttl: TTL_S, data: VERSION }]);
  }
  if (kind === 'pod') return podAnswer(labels, question);
  if (kind !== 'svc') return UNKNOWN;
  const namespace = labels.pop();
  if (namespace === undefined) return NOTHING;
  const serviceName = labels.pop();
  if (serviceName === undefined) return records.hasNamespace(namespace) ? NOTHING : UNKNOWN;
  const service = records.service(namespace, serviceName);
  return service === undefined ? UNKNOWN : serviceAnswer(service, labels, question, domain);
}

function serviceAnswer(
  service: NamedService,
  labels: readonly string[],
  question: NameQuestion,
  domain: string,
): NameAnswer {
  const { externalName, endpoints } = service;
  const [first = '', second = ''] = labels;
  if (externalName !== '') {
    if (labels.length > 0) return UNKNOWN;
    const alias: DnsRecord = { name: question.name, type: 'CNAME', ttl: TTL_S, data: externalName };
    return { rcode: 'NOERROR', answers: [alias], additionals: [] };
  }
  if (labels.length === 2 && first.startsWith('_') && second.startsWith('_')) {
    const chosen = ports(endpoints, (name, protocol) => `_${name}._${protocol}` === `${first}.${second}`);
    return chosen.length === 0 ? UNKNOWN : serviceRecords(service, chosen, question, domain);
  }
  if (labels.length > 1) return UNKNOWN;
  const named = labels.length === 0 ? endpoints : endpoints.filter((each) => labelsOf(each).includes(first));
  // A service whose pods are all away has no name, as in CoreDNS: whoever waits for them asks again.
  if (named.length === 0) return UNKNOWN;
  if (question.type === 'SRV') return serviceRecords(service, ports(named), question, domain);
  return addressAnswer(
    named.flatMap(({ addresses }) => addresses),
    question,
  );
}

type EndpointPort = NamedEndpoint['ports'][number] & { readonly endpoint: NamedEndpoint };

function ports(
  endpoints: readonly NamedEndpoint[],
  matches: (name: string, protocol: string) => boolean = () => true,
): readonly EndpointPort[] {
  return endpoints.flatMap((endpoint) =>
    endpoint.ports
      .filter(({ name, protocol }) => matches(name, protocol.toLowerCase()))
      .map((port) => ({ ...port, endpoint })),
  );
}

function serviceRecords(
  service: NamedService,
  chosen: readonly EndpointPort[],
  question: NameQuestion,
  domain: string,
): NameAnswer {
  if (question.type !== 'SRV') return NOTHING;
  const answers: DnsRecord[] = [];
  const additionals: DnsRecord[] = [];
  // The same weight for each, and together no more than the hundred that is left to a service.
  const weight = Math.max(1, Math.floor(100 / Math.max(1, chosen.length)));
  for (const { port, endpoint } of chosen) {
    endpoint.addresses.forEach((address, at) => {
      const target = endpointName(service, endpoint, at, domain);
      answers.push({
        name: question.name,
        type: 'SRV',
        ttl: TTL_S,
        data: { priority: 0, weight, port, target },
      });
      additionals.push(addressRecord(target, address));
    });
  }
  return { rcode: 'NOERROR', answers, additionals };
}

function podAnswer(labels: readonly string[], question: NameQuestion): NameAnswer {
  if (labels.length < 2) return NOTHING;
  const [dashed = ''] = labels;
  const address = isIPv4(dashed.replaceAll('-', '.'))
    ? dashed.replaceAll('-', '.')
    : dashed.replaceAll('-', ':');
  if (labels.length > 2 || (!isIPv4(address) && !isIPv6(address))) return UNKNOWN;
  return addressAnswer([address], question);
}

/**
 * The names of an address, for names below `in-addr.arpa` whose address is one of the cluster's: that of the service whose own it
 * is, or those of an endpoint.
 */
function reverseAnswer(
  name: string,
  question: NameQuestion,
  records: NameRecords,
  domain: string,
): NameAnswer | undefined {
  const [, reversed = ''] = /^((?:\d+\.){3}\d+)\.in-addr\.arpa$/.exec(name) ?? [];
  const address = reversed.split('.').toReversed().join('.');
  const services = reversed === '' ? [] : records.withAddress(address);
  const owner = services.find(({ clusterIPs }) => clusterIPs.includes(address));
  const names =
    owner === undefined
      ? services.flatMap((service) => endpointNames(service, address, domain))
      : [serviceName(owner, domain)];
  const answers = names.map((data): DnsRecord => ({ name: question.name, type: 'PTR', ttl: TTL_S, data }));
  return answers.length === 0 ? undefined : told(question, 'PTR', answers);
}

function addressAnswer(addresses: readonly string[], question: NameQuestion): NameAnswer {
  const chosen = addresses
    .map((address) => addressRecord(question.name, address))
    .filter(({ type }) => type === question.type || question.type === 'ANY');
  return { rcode: 'NOERROR', answers: chosen, additionals: [] };
}

function addressRecord(name: string, address: string): DnsRecord {
  return { name, type: isIPv6(address) ? 'AAAA' : 'A', ttl: TTL_S, data: address };
}

function told({ type }: NameQuestion, what: string, answers: readonly DnsRecord[]): NameAnswer {
  return type === what || type === 'ANY' ? { rcode: 'NOERROR', answers, additionals: [] } : NOTHING;
}

/** By what an endpoint is called below its service: its hostname, or each of its addresses with dashes. */
function labelsOf({ hostname, addresses }: NamedEndpoint): readonly string[] {
  return hostname === '' ? addresses.map(dashed) : [hostname];
}

function dashed(address: string): string {
  return address.replaceAll(/[.:]/g, '-');
}

function endpointNames(service: NamedService, address: string, domain: string): readonly string[] {
  return service.endpoints.flatMap((endpoint) => {
    const at = endpoint.addresses.indexOf(address);
    return at < 0 ? [] : [endpointName(service, endpoint, at, domain)];
  });
}

function endpointName(service: NamedService, endpoint: NamedEndpoint, at: number, domain: string): string {
  const labels = labelsOf(endpoint);
  return `${labels[at] ?? labels[0] ?? ''}.${serviceName(service, domain)}`;
}

function serviceName({ name, namespace }: NamedService, domain: string): string {
  return `${name}.${namespace}.svc.${domain}`;
}
