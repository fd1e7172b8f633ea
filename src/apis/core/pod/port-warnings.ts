import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { ContainerPort, PodSpec } from '../types.ts';
import { eachContainer } from './each-container.ts';

interface Seen {
  readonly at: string;
  readonly port: DeepReadonly<ContainerPort>;
}

/** Warnings of ports that stand in each other's way: the same one twice, or a name that two containers use. */
export function portWarnings(spec: DeepReadonly<PodSpec>, path: string): string[] {
  const warnings: string[] = [];
  const nameWarnings: string[] = [];
  const byPort = new Map<string, Seen[]>();
  const byName = new Map<string, string>();
  eachContainer(spec, path, (container, where) => {
    container.ports?.forEach((port, index) => {
      const at = `${where}.ports[${index}]`;
      if (port.hostIP && !port.hostPort) {
        warnings.push(`${at}: hostIP set without hostPort: ${asGo(port)}`);
      }
      const key = `${port.containerPort}/${port.protocol}`;
      const others = byPort.get(key) ?? [];
      for (const other of others) {
        const clash = clashOf(port, other.port);
        if (clash) warnings.push(`${at}: ${clash} port definition with ${other.at}`);
      }
      byPort.set(key, [...others, { at, port }]);
      if (!port.name) return;
      const first = byName.get(port.name);
      if (first === undefined) byName.set(port.name, at);
      else {
        const effect = `services and probes that select ports by name will use ${first}`;
        nameWarnings.push(`${at}: duplicate port name ${JSON.stringify(port.name)} with ${first}, ${effect}`);
      }
    });
  });
  return [...warnings, ...nameWarnings];
}

function clashOf(one: DeepReadonly<ContainerPort>, other: DeepReadonly<ContainerPort>): string | undefined {
  const sameAddress = (one.hostIP ?? '') === (other.hostIP ?? '');
  const samePort = (one.hostPort ?? 0) === (other.hostPort ?? 0);
  if (sameAddress && samePort) return 'duplicate';
  if (!one.hostPort || !other.hostPort) return 'overlapping';
  if (samePort && !one.hostIP !== !other.hostIP) return 'dangerously ambiguous';
  return undefined;
}

/** The port as Go prints a structure. */
function asGo({
  name = '',
  hostPort = 0,
  containerPort,
  protocol = 'TCP',
  hostIP = '',
}: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}
