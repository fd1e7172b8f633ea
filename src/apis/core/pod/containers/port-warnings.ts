import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import type { ContainerPort, PodSpec } from '../../types.ts';
import { eachContainer } from './each-container.ts';

type Port = DeepReadonly<ContainerPort>;

interface Seen {
  readonly order: number;
  readonly at: string;
  readonly port: Port;
}

/**
 * Warnings after which no more are looked for: many times what an answer has room for, and less than the square of what a
 * hostile body can hold.
 */
const WARNINGS_MAX = 1000;

/** Warnings of ports that stand in each other's way: the same one twice, or a name that two containers use. */
export function portWarnings(spec: DeepReadonly<PodSpec>, path: string): string[] {
  const warnings: string[] = [];
  const nameWarnings: string[] = [];
  const byPort = new Map<string, PortUses>();
  const byName = new Map<string, string>();
  eachContainer(spec, path, (container, where) => {
    container.ports?.forEach((port, index) => {
      const at = `${where}.ports[${index}]`;
      if (port.hostIP && !port.hostPort) {
        warnings.push(`${at}: hostIP set without hostPort: ${asGo(port)}`);
      }
      const key = `${port.containerPort}/${port.protocol}`;
      const uses = byPort.get(key) ?? new PortUses();
      byPort.set(key, uses);
      for (const other of warnings.length < WARNINGS_MAX ? uses.clashingWith(port) : []) {
        warnings.push(`${at}: ${clashOf(port, other.port)} port definition with ${other.at}`);
      }
      uses.add(at, port);
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

/** The uses of one container port so far, so that those that clash with another are found without a look at the rest. */
class PortUses {
  readonly #all: Seen[] = [];
  readonly #byHostPort = new Map<number, Seen[]>();
  readonly #byHostAddress = new Map<string, Seen[]>();

  /** In the order in which they were added; each one has a {@link clashOf}. */
  clashingWith({ hostPort = 0, hostIP = '' }: Port): readonly Seen[] {
    if (hostPort === 0) return this.#all;
    const ofPort = this.#byHostPort.get(hostPort) ?? [];
    const anywhere = this.#byHostAddress.get(`${hostPort}/`) ?? [];
    const here = this.#byHostAddress.get(`${hostPort}/${hostIP}`) ?? [];
    const same = hostIP === '' ? ofPort : [...anywhere, ...here];
    return [...(this.#byHostPort.get(0) ?? []), ...same].sort((a, b) => a.order - b.order);
  }

  add(at: string, port: Port): void {
    const { hostPort = 0, hostIP = '' } = port;
    const seen = { order: this.#all.length, at, port };
    this.#all.push(seen);
    append(this.#byHostPort, hostPort, seen);
    append(this.#byHostAddress, `${hostPort}/${hostIP}`, seen);
  }
}

function append<Key>(lists: Map<Key, Seen[]>, key: Key, seen: Seen): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [seen]);
  else list.push(seen);
}

/** How two uses of one container port clash; both are known to. */
function clashOf(one: Port, other: Port): string {
  const sameAddress = (one.hostIP ?? '') === (other.hostIP ?? '');
  if (sameAddress && (one.hostPort ?? 0) === (other.hostPort ?? 0)) return 'duplicate';
  return !one.hostPort || !other.hostPort ? 'overlapping' : 'dangerously ambiguous';
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
