/** The variables by which a container finds services: Kubernetes' own names and those of Docker's links. Pure. */
import { hostPort } from '../../apimachinery/dial-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { ServicePort } from '../../apis/core/types.ts';

/** A service as variables tell of it. */
export interface LinkedService {
  readonly name: string;
  /** Its cluster IP. */
  readonly host: string;
  /** At least one; only the first may be without a name. */
  readonly ports: readonly DeepReadonly<Pick<ServicePort, 'name' | 'port' | 'protocol'>>[];
}

/**
 * The variables of these services; of two with the same variable the later one counts. Names are the service's in capitals, its
 * hyphens underscores. Upstream: pkg/kubelet/envvars.
 */
export function serviceVariables(services: Iterable<LinkedService>): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const { name, host, ports } of services) {
    const [first] = ports;
    if (first === undefined) continue;
    const prefix = variableName(name);
    variables.set(`${prefix}_SERVICE_HOST`, host);
    variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
    for (const each of ports) {
      if (each.name) variables.set(`${prefix}_SERVICE_PORT_${variableName(each.name)}`, String(each.port));
    }
    variables.set(`${prefix}_PORT`, addressOf(host, first));
    for (const each of ports) addLink(variables, prefix, host, each);
  }
  return variables;
}

function addLink(
  variables: Map<string, string>,
  prefix: string,
  host: string,
  port: LinkedService['ports'][number],
): void {
  const protocol = port.protocol || 'TCP';
  const link = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`;
  variables.set(link, addressOf(host, port));
  variables.set(`${link}_PROTO`, protocol.toLowerCase());
  variables.set(`${link}_PORT`, String(port.port));
  variables.set(`${link}_ADDR`, host);
}

function addressOf(host: string, { port, protocol }: LinkedService['ports'][number]): string {
  return `${(protocol || 'TCP').toLowerCase()}://${hostPort(host, Number(port))}`;
}

function variableName(text: string): string {
  return text.replaceAll('-', '_').toUpperCase();
}

/** The variables by which clients inside a pod find the API server, as for the service `kubernetes`. */
export function apiServerVariables(host: string, port: number): ReadonlyMap<string, string> {
  return serviceVariables([{ name: 'kubernetes', host, ports: [{ name: 'https', port, protocol: 'TCP' }] }]);
}
