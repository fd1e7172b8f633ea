import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Service } from '../types.ts';
import { settleFamilies } from './families.ts';

/** Seconds for which a client keeps its pod under ClientIP affinity. */
const AFFINITY_SECONDS = 10800;

/** Fills in the defaults of a service that do not depend on the cluster's addresses. */
export function applyServiceDefaults(service: Service): void {
  service.spec ??= {};
  service.status ??= {};
  service.status.loadBalancer ??= {};
  const { spec } = service;
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds == null) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } };
  }
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    port.targetPort ||= port.port;
  }
  const balanced = spec.type === 'LoadBalancer';
  if (balanced || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && spec.externalIPs?.length)) {
    spec.externalTrafficPolicy ||= 'Cluster';
  }
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (!balanced) return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const each of service.status.loadBalancer.ingress ?? []) if (each.ip) each.ipMode ??= 'VIP';
}

/**
 * Settles the addresses of a service: `clusterIP` and the first of `clusterIPs` are one, its families are said, and one
 * without an address gets the one given, unless that is empty: it is allocated later. `old` is the service before an update.
 */
export function settleClusterAddresses(service: Service, address: string, old?: DeepReadonly<Service>): void {
  const { spec } = service;
  if (spec.type === 'ExternalName') {
    if (spec.clusterIP === '') delete spec.clusterIP;
    return;
  }
  if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0];
  if (address !== '') spec.clusterIP ||= address;
  if (spec.clusterIP) spec.clusterIPs ??= [spec.clusterIP];
  settleFamilies(spec, old?.spec);
}
