/** Which ports of the nodes a write of a service takes. Upstream: pkg/registry/core/service/portallocator and storage/alloc.go. */
import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Random } from '../../apimachinery/random.ts';
import { newInternalError, newInvalid } from '../../apimachinery/status-error.ts';
import { needsHealthCheckPort, needsNodePorts } from '../../apis/core/index.ts';
import type { Service } from '../../apis/core/types.ts';

type AnyService = DeepReadonly<Service>;

/** Kubernetes' usual range of node ports. */
const NODE_PORTS = { first: 30_000, last: 32_767 };
/** Ports below this are left to those who ask for one, as upstream does. */
const DYNAMIC_PORTS_FROM = 30_086;
/** A dry run shows ports from here on, which no service has: it is to promise nobody a port. */
const DRY_PORTS_FROM = 32_769;
const TAKEN = 'provided port is already allocated';

/** What takes part in the choice beside the service itself. */
export interface AllocationCircumstances {
  /** Every other service: the record of what is taken. */
  readonly others: readonly AnyService[];
  /** Whether the write leaves no trace. */
  readonly dryRun: boolean;
  readonly random: Random;
}

/**
 * Gives a service the node ports that its type calls for, and keeps those it asks for. Throws 422 for the first that cannot be had, and 500
 * where none is left or its port for health checks cannot be had, as upstream.
 */
export function takeNodePorts(
  service: Service,
  old: AnyService | undefined,
  how: AllocationCircumstances,
): void {
  const { type } = service.spec;
  const ports = new NodePorts(how);
  if (type === 'NodePort' || type === 'LoadBalancer') {
    if (old === undefined) takeNew(service, ports);
    else takeChanged(service, old, ports);
  }
  if (needsHealthCheckPort(service.spec) && !(old && needsHealthCheckPort(old.spec))) {
    takeHealthCheckPort(service, ports);
  }
}

function takeNew(service: Service, nodePorts: NodePorts): void {
  const { ports = [] } = service.spec;
  /** A port of two protocols is opened under one number. */
  const byPort = new Map<number, number>();
  for (const [index, each] of ports.entries()) {
    if (!each.nodePort && !needsNodePorts(service.spec)) continue;
    const shared = byPort.get(each.port);
    const asked = ports.find(({ port, nodePort }) => port === each.port && nodePort)?.nodePort;
    if (shared === undefined) {
      if (asked) refuse(service, index, asked, nodePorts.take(asked));
      each.nodePort = asked || nodePorts.next();
      byPort.set(each.port, each.nodePort);
    } else if (!each.nodePort) each.nodePort = shared;
    else if (each.nodePort !== shared) refuse(service, index, each.nodePort, nodePorts.take(each.nodePort));
  }
}

function takeChanged(service: Service, old: AnyService, nodePorts: NodePorts): void {
  const held = new Set((old.spec.ports ?? []).map(({ nodePort }) => nodePort));
  const own = new Set<number>();
  for (const [index, each] of (service.spec.ports ?? []).entries()) {
    if (!each.nodePort) {
      if (needsNodePorts(service.spec)) each.nodePort = nodePorts.next(held);
    } else if (!held.has(each.nodePort) && !own.has(each.nodePort)) {
      refuse(service, index, each.nodePort, nodePorts.take(each.nodePort));
      own.add(each.nodePort);
    }
  }
}

function takeHealthCheckPort({ spec }: Service, nodePorts: NodePorts): void {
  const asked = spec.healthCheckNodePort;
  const why = asked ? nodePorts.take(asked) : undefined;
  if (why !== undefined) {
    throw newInternalError(new Error(`failed to allocate requested HealthCheck NodePort ${asked}: ${why}`));
  }
  spec.healthCheckNodePort = asked || nodePorts.next();
}

function refuse({ metadata }: Service, index: number, port: number, why: string | undefined): void {
  if (why === undefined) return;
  const error: FieldError = invalid(`spec.ports[${index}].nodePort`, port, why);
  throw newInvalid('', 'Service', metadata.name, [error]);
}

/** What is taken, this write's own ports included. */
class NodePorts {
  readonly #how: AllocationCircumstances;
  readonly #taken: Set<number>;
  /** The last that a dry run has made up or was asked for. */
  #lastDry = 0;

  constructor(how: AllocationCircumstances) {
    this.#how = how;
    this.#taken = new Set(how.others.flatMap(portsOf));
  }

  /** Takes that port, or answers why it cannot be had. A dry run looks at what is taken alone. */
  take(port: number): string | undefined {
    const { first, last } = NODE_PORTS;
    if (!this.#how.dryRun && (port < first || port > last)) {
      return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    }
    if (this.#taken.has(port)) return TAKEN;
    this.#taken.add(port);
    this.#lastDry = Math.max(this.#lastDry, port);
    return undefined;
  }

  /** Takes a free port from a place that chance names, upwards and round. @param held ports of the service itself, so far. */
  next(held: ReadonlySet<number | undefined> = new Set()): number {
    if (this.#how.dryRun) {
      this.#lastDry = this.#lastDry === 0 ? DRY_PORTS_FROM : this.#lastDry + 1;
      return this.#lastDry;
    }
    const count = NODE_PORTS.last - DYNAMIC_PORTS_FROM + 1;
    const start = Math.floor(this.#how.random.fraction() * count);
    for (let step = 0; step < count; step++) {
      const port = DYNAMIC_PORTS_FROM + ((start + step) % count);
      if (this.#taken.has(port) || held.has(port)) continue;
      this.#taken.add(port);
      return port;
    }
    throw newInternalError(new Error('failed to allocate a nodePort: range is full'));
  }
}

function portsOf({ spec }: AnyService): readonly number[] {
  const ports = (spec.ports ?? []).map(({ nodePort }) => nodePort);
  return [spec.healthCheckNodePort, ...ports].flatMap((port) => port || []);
}
