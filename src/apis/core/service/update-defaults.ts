/** What an update of a service may leave out, and what its new type no longer needs. Upstream: pkg/registry/core/service. */
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { sameMeaning } from '../semantic-equality.ts';
import type { Service, ServiceSpec } from '../types.ts';

type Spec = DeepReadonly<ServiceSpec>;

/** Whether a service of this type has an address in the cluster, be it that it wants none. */
function needsAddress({ type }: Spec): boolean {
  return type !== 'ExternalName';
}

/** Whether its ports are opened on the nodes too. */
export function needsNodePorts({ type, allocateLoadBalancerNodePorts }: Spec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

/** Whether load balancers ask the nodes, on a port of its own, whether they have pods of it. */
export function needsHealthCheckPort({ type, externalTrafficPolicy }: Spec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

function isExternal({ type, externalIPs = [] }: Spec): boolean {
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);
}

/**
 * Brings a changed service in line with what it was: the one address and the list of addresses follow each other, what was
 * allocated and is left out stays, and what the new type has no use for goes unless the client changed it too.
 */
export function settleServiceUpdate(service: Service, old: DeepReadonly<Service>): void {
  const { spec } = service;
  settleAddresses(spec, old.spec);
  keepAllocated(spec, old.spec);
  dropUseless(spec, old.spec);
  if (spec.type !== 'LoadBalancer') service.status = { ...service.status, loadBalancer: {} };
}

function settleAddresses(spec: ServiceSpec, old: Spec): void {
  const sameList = sameMeaning(spec.clusterIPs, old.clusterIPs);
  const same = (spec.clusterIP ?? '') === (old.clusterIP ?? '');
  if (same) {
    if (old.clusterIPs?.length && !spec.clusterIPs?.length) spec.clusterIPs = [...old.clusterIPs];
  } else if (sameList) {
    if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
    else delete spec.clusterIPs;
  }
}

function keepAllocated(spec: ServiceSpec, old: Spec): void {
  if (needsAddress(old) && needsAddress(spec)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    const same = spec.clusterIP === old.clusterIP;
    if (same && !spec.clusterIPs?.length && old.clusterIPs?.length) spec.clusterIPs = [...old.clusterIPs];
  }
  if (needsNodePorts(old) && needsNodePorts(spec)) {
    const asked = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort));
    for (const port of spec.ports ?? []) {
      if (port.nodePort) continue;
      const before = old.ports?.find(({ name }) => (name ?? '') === (port.name ?? ''))?.nodePort;
      if (before && !asked.has(before)) port.nodePort = before;
    }
  }
  if (needsHealthCheckPort(old) && needsHealthCheckPort(spec) && !spec.healthCheckNodePort) {
    if (old.healthCheckNodePort) spec.healthCheckNodePort = old.healthCheckNodePort;
  }
}

function dropUseless(spec: ServiceSpec, old: Spec): void {
  const dropIfSame = (...fields: readonly (keyof ServiceSpec)[]): void => {
    for (const field of fields) if (sameMeaning(spec[field], old[field])) delete spec[field];
  };
  if (needsAddress(old) && !needsAddress(spec)) {
    if (spec.clusterIP === old.clusterIP && sameMeaning(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    dropIfSame('ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy');
  }
  const portsOf = (each: Spec): unknown => (each.ports ?? []).map(({ nodePort }) => nodePort ?? 0);
  if (needsNodePorts(old) && !needsNodePorts(spec) && sameMeaning(portsOf(spec), portsOf(old))) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    dropIfSame('allocateLoadBalancerNodePorts', 'loadBalancerClass');
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(spec)) dropIfSame('healthCheckNodePort');
  if (isExternal(old) && !isExternal(spec)) dropIfSame('externalTrafficPolicy');
}
