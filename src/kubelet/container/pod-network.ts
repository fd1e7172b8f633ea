/** Names and resolvers of a pod: hostname, DNS settings, hosts file, ports. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { DnsConfig, PortMapping } from '../runtimes/sandbox.ts';

/** Longest name that the kernel takes. */
const HOSTNAME_LENGTH_MAX = 63;
/** Longest full name that the kernel takes as hostname. */
const FQDN_LENGTH_MAX = 64;

/** What the kubelet writes into a resolv.conf at most: servers, search domains, and characters of these. */
const SERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCH_LENGTH_MAX = 2048;

/** How the names of a cluster are resolved. */
export interface ClusterDns {
  /** Addresses of the cluster's DNS servers; empty: pods resolve as the node does. */
  readonly servers: readonly string[];
  /** `cluster.local`. */
  readonly domain: string;
}

/** The node's own resolver settings. */
export interface HostDns {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** The hostname of a pod: its own choice, else its name, cut to what the kernel takes; host network pods keep the node's. */
export function podHostname(pod: DeepReadonly<Pod>, nodeHostname: string): string {
  const { hostnameOverride, hostNetwork, hostname } = pod.spec;
  if (hostNetwork && hostnameOverride === undefined) return nodeHostname;
  const name = hostnameOverride ?? (hostname || pod.metadata.name);
  return name.slice(0, HOSTNAME_LENGTH_MAX).replace(/[-.]+$/, '');
}

/**
 * What the kernel is told: the hostname, or the full name where the pod asks for it.
 *
 * @throws {Error} for a full name that is longer than the kernel takes.
 */
export function kernelHostname(pod: DeepReadonly<Pod>, hostname: string, clusterDomain: string): string {
  const { subdomain, setHostnameAsFQDN, hostnameOverride } = pod.spec;
  if (!subdomain || setHostnameAsFQDN !== true || hostnameOverride !== undefined) return hostname;
  const full = `${hostname}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
  if (full.length <= FQDN_LENGTH_MAX) return full;
  const why = `FQDN ${full} is too long (${FQDN_LENGTH_MAX} characters is the max, ${full.length} characters requested)`;
  throw new Error(`failed to construct FQDN from pod hostname and cluster domain, ${why}`);
}

/** Whether a pod asks the cluster first, where there is somebody to ask. */
export function asksCluster({ spec }: DeepReadonly<Pod>): boolean {
  const { dnsPolicy = 'ClusterFirst', hostNetwork } = spec;
  return dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && hostNetwork !== true);
}

/** The resolver settings of a pod; undefined: the runtime copies the node's. */
export function podDns(pod: DeepReadonly<Pod>, cluster: ClusterDns, host: HostDns): DnsConfig | undefined {
  const { dnsPolicy = 'ClusterFirst', dnsConfig } = pod.spec;
  const usesCluster = asksCluster(pod) && cluster.servers.length > 0;
  if (!usesCluster && dnsPolicy !== 'None' && dnsConfig === undefined) return undefined;
  const { domain } = cluster;
  const namespace = pod.metadata.namespace ?? '';
  const base: HostDns =
    dnsPolicy === 'None'
      ? { servers: [], searches: [], options: [] }
      : usesCluster
        ? {
            servers: cluster.servers,
            searches: [`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...host.searches],
            options: ['ndots:5'],
          }
        : host;
  const options = new Map(base.options.map((each) => [each.split(':')[0] ?? each, each]));
  for (const { name = '', value } of dnsConfig?.options ?? []) {
    options.set(name, value === undefined ? name : `${name}:${value}`);
  }
  return {
    servers: [...new Set([...base.servers, ...(dnsConfig?.nameservers ?? [])])],
    searches: [...new Set([...base.searches, ...(dnsConfig?.searches ?? [])])],
    options: [...options.values()],
  };
}

/** What the C library reads of a resolv.conf, and says of what is too much as the kubelet does. */
export function withinLimits(dns: DnsConfig): {
  readonly kept: DnsConfig;
  readonly complaints: readonly string[];
} {
  const servers = dns.servers.slice(0, SERVERS_MAX);
  let searches = dns.searches.slice(0, SEARCHES_MAX);
  while (searches.join(' ').length > SEARCH_LENGTH_MAX) searches = searches.slice(0, -1);
  const complaints: string[] = [];
  if (servers.length < dns.servers.length) {
    complaints.push(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(' ')}`,
    );
  }
  if (searches.length < dns.searches.length) {
    complaints.push(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(' ')}`,
    );
  }
  return { kept: { ...dns, servers, searches }, complaints };
}

/** The text of a resolv.conf. */
export function resolvConf({ servers, searches, options }: DnsConfig): string {
  const lines = servers.map((server) => `nameserver ${server}`);
  if (searches.length > 0) lines.unshift(`search ${searches.join(' ')}`);
  if (options.length > 0) lines.push(`options ${options.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

/** Reads the text of a resolv.conf. */
export function parseResolvConf(text: string): HostDns {
  const servers: string[] = [];
  let searches: string[] = [];
  let options: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined) servers.push(values[0]);
    else if (keyword === 'search') searches = values.filter((each) => each !== '.');
    else if (keyword === 'options') options = values;
  }
  return { servers, searches, options };
}

/** The hosts file of a pod. */
export function hostsFile(
  pod: DeepReadonly<Pod>,
  hostname: string,
  domain: string,
  ips: readonly string[],
): string {
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
  ];
  const { subdomain, hostnameOverride } = pod.spec;
  const full =
    subdomain && hostnameOverride === undefined
      ? `${hostname}.${subdomain}.${pod.metadata.namespace}.svc.${domain}`
      : undefined;
  for (const ip of ips) lines.push(full === undefined ? `${ip}\t${hostname}` : `${ip}\t${full}\t${hostname}`);
  return `${lines.join('\n')}\n${aliasesOf(pod)}`;
}

/** The hosts file of a pod that uses the node's network: the node's own, and the pod's aliases. */
export function hostNetworkHostsFile(pod: DeepReadonly<Pod>, nodeHosts: string): string {
  return `# Kubernetes-managed hosts file (host network).\n${nodeHosts}${aliasesOf(pod)}`;
}

function aliasesOf({ spec: { hostAliases = [] } }: DeepReadonly<Pod>): string {
  if (hostAliases.length === 0) return '';
  const lines = hostAliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}

/** The ports of the node that lead into a pod. */
export function portMappings(pod: DeepReadonly<Pod>): PortMapping[] {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  return all.flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort }) => hostPort !== undefined && hostPort !== 0)
      .map(({ protocol = 'TCP', containerPort, hostPort = 0, hostIP = '' }) => ({
        protocol,
        containerPort,
        hostPort,
        hostIP,
      })),
  );
}
