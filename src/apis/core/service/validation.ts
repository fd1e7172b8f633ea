/** Rules for services. Addresses and node ports are checked as far as one machine without a service proxy needs it. */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  unsupported,
} from '../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { shownList } from '../../../apimachinery/schema/index.ts';
import {
  validateDns1123Label,
  validateDns1123Subdomain,
  validateLabels,
  validatePortName,
  validatePortNumber,
  validateQualifiedName,
} from '../../../apimachinery/validation/index.ts';
import { validateAddress, validateCidr } from '../addresses.ts';
import { validateReachableAddress } from '../endpoints.ts';
import { allowOneOf, reportEach } from '../report.ts';
import type { Service, ServicePort, ServiceSpec } from '../types.ts';

type AnyService = DeepReadonly<Service>;
type Spec = DeepReadonly<ServiceSpec>;
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TRAFFIC = ['Cluster', 'Local'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const AFFINITY_SECONDS_MAX = 86400;
const ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'";

/** Checks a service after defaulting; `old` is that of before an update. */
export function validateService({ spec }: AnyService, old?: AnyService): FieldError[] {
  const errors: FieldError[] = [];
  const headless = spec.clusterIP === 'None';
  if (!spec.ports?.length && !headless && spec.type !== 'ExternalName') errors.push(required('spec.ports'));
  validateType(errors, spec, headless);
  validatePorts(errors, spec);
  if (spec.selector) errors.push(...validateLabels(spec.selector, 'spec.selector'));
  validateAffinity(errors, spec);
  errors.push(...clusterAddressErrors(spec, old?.spec.clusterIPs));
  spec.externalIPs?.forEach((address, index) => {
    const before = errors.length;
    validateAddress(errors, `spec.externalIPs[${index}]`, address, old?.spec.externalIPs);
    if (errors.length === before) validateReachableAddress(errors, `spec.externalIPs[${index}]`, address);
  });
  const type: string = spec.type ?? '';
  if (!TYPES.includes(type)) errors.push(notSupported('spec.type', type, TYPES));
  validatePortUses(errors, spec);
  validateBalancing(errors, spec);
  validateTraffic(errors, spec);
  return errors;
}

/** Checks an update: an address once given stays, unless the service becomes or was a mere name. */
export function validateServiceUpdate(service: AnyService, old: AnyService): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = service;
  const named = spec.type === 'ExternalName' || old.spec.type === 'ExternalName';
  const before = old.spec.clusterIPs?.[0];
  if (!named && before !== undefined && before !== spec.clusterIPs?.[0]) {
    errors.push(invalid('spec.clusterIPs[0]', shownList(spec, 'clusterIPs'), 'may not change once set'));
  }
  const path = 'spec.loadBalancerClass';
  const balanced = spec.type === 'LoadBalancer' && old.spec.type === 'LoadBalancer';
  if (balanced && (spec.loadBalancerClass ?? null) !== (old.spec.loadBalancerClass ?? null)) {
    errors.push(invalid(path, spec.loadBalancerClass ?? null, 'may not change once set'));
  }
  // The class is checked for the change and again as part of the whole, as upstream does.
  validateBalancerClass(errors, spec);
  return [...errors, ...validateService(service, old)];
}

function validateType(errors: FieldError[], spec: Spec, headless: boolean): void {
  if (headless && (spec.type === 'LoadBalancer' || spec.type === 'NodePort')) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  }
  if (spec.type !== 'ExternalName') return;
  for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) {
    if (spec[field]?.length)
      errors.push(forbidden(`spec.${field}`, 'may not be set for ExternalName services'));
  }
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(required('spec.externalName'));
  else reportEach(errors, 'spec.externalName', name, validateDns1123Subdomain(name));
}

function validatePorts(errors: FieldError[], spec: Spec): void {
  const ports = spec.ports ?? [];
  const names = new Set<string>();
  ports.forEach((port, index) => {
    validatePort(errors, `spec.ports[${index}]`, port, ports.length > 1, names);
  });
}

/** Which ports are where they may not be, or stand twice. */
function validatePortUses(errors: FieldError[], spec: Spec): void {
  const ports = spec.ports ?? [];
  ports.forEach(({ nodePort }, index) => {
    if (nodePort && spec.type === 'ClusterIP') {
      errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  });
  const nodePorts = new Set<string>();
  ports.forEach(({ nodePort, protocol }, index) => {
    const use = `${protocol}/${nodePort}`;
    if (nodePort && nodePorts.has(use)) errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort));
    nodePorts.add(use);
  });
  const own = new Set<string>();
  ports.forEach((port, index) => {
    const use = `${port.protocol}/${port.port}`;
    if (own.has(use)) errors.push(duplicate(`spec.ports[${index}]`, goPort(port)));
    own.add(use);
  });
}

function goPort({ protocol, port }: DeepReadonly<ServicePort>): object {
  return { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}

function validatePort(
  errors: FieldError[],
  path: string,
  port: DeepReadonly<ServicePort>,
  needsName: boolean,
  names: Set<string>,
): void {
  const { name } = port;
  if (name) {
    reportEach(errors, `${path}.name`, name, validateDns1123Label(name));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
  } else if (needsName) errors.push(required(`${path}.name`));
  reportEach(errors, `${path}.port`, port.port ?? 0, validatePortNumber(port.port ?? 0));
  const protocol: string = port.protocol ?? '';
  if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
  const target = port.targetPort ?? 0;
  const wrongs = typeof target === 'number' ? validatePortNumber(target) : validatePortName(target);
  reportEach(errors, `${path}.targetPort`, target, wrongs);
  if (port.appProtocol != null) {
    reportEach(errors, `${path}.appProtocol`, port.appProtocol, validateQualifiedName(port.appProtocol));
  }
}

function validateAffinity(errors: FieldError[], spec: Spec): void {
  const affinity: string = spec.sessionAffinity ?? '';
  const kinds = ['ClientIP', 'None'];
  if (!kinds.includes(affinity)) errors.push(notSupported('spec.sessionAffinity', affinity, kinds));
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (affinity === 'ClientIP' && seconds !== undefined && (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX)) {
    const rule = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`;
    errors.push(invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, rule));
  }
}

/** Checks the addresses of a service, their families and the policy for these, against each other; those in `accepted` stand. */
export function clusterAddressErrors(spec: Spec, accepted: readonly string[] = []): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.type === 'ExternalName') return errors;
  const { clusterIP, clusterIPs = [], ipFamilies = [] } = spec;
  if (clusterIP && clusterIPs[0] !== undefined && clusterIP !== clusterIPs[0]) {
    errors.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
  } else if (!clusterIP && clusterIPs.length > 0) {
    const rule = 'must be empty when `clusterIP` is not specified';
    errors.push(invalid('spec.clusterIPs', clusterIPs, rule));
  }
  ipFamilies.forEach((family: string, index) => {
    const path = `spec.ipFamilies[${index}]`;
    if (!FAMILIES.includes(family)) errors.push(notSupported(path, family, FAMILIES));
    if (ipFamilies.indexOf(family as 'IPv4') < index) errors.push(duplicate(path, family));
  });
  const policy: string | undefined = spec.ipFamilyPolicy;
  if (policy != null && !POLICIES.includes(policy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', policy, POLICIES));
  }
  errors.push(...addressListErrors(clusterIPs, ipFamilies, accepted));
  return errors;
}

const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

function addressListErrors(
  clusterIPs: readonly string[],
  ipFamilies: readonly string[],
  accepted: readonly string[],
): FieldError[] {
  const errors: FieldError[] = [];
  clusterIPs.forEach((address, index) => {
    if (index > 0 || address !== 'None') {
      validateAddress(errors, `spec.clusterIPs[${index}]`, address, accepted);
    } else if (clusterIPs.length > 1) {
      errors.push(invalid('spec.clusterIPs', clusterIPs, "'None' must be the first and only value"));
    }
  });
  const broken = errors.length > 0;
  if (clusterIPs.length > 2) {
    errors.push(invalid('spec.clusterIPs', clusterIPs, 'may only hold up to 2 values'));
  }
  if (broken) return errors;
  const found = clusterIPs.map((address) => (address.includes(':') ? 'IPv6' : 'IPv4'));
  if (clusterIPs.length > 1 && new Set(found).size < 2) {
    const rule = 'may specify no more than one IP for each IP family';
    errors.push(invalid('spec.clusterIPs', clusterIPs, rule));
  }
  clusterIPs.forEach((address, index) => {
    const family = ipFamilies[index];
    if (address === 'None' || family === undefined || family === found[index]) return;
    const rule = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalid(`spec.clusterIPs[${index}]`, address, rule));
  });
  return errors;
}

function validateBalancing(errors: FieldError[], spec: Spec): void {
  const balanced = spec.type === 'LoadBalancer';
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0 && !balanced) errors.push(forbidden('spec.LoadBalancerSourceRanges', ONLY_BALANCED));
  ranges.forEach((range, index) => {
    validateCidr(errors, `spec.LoadBalancerSourceRanges[${index}]`, range.trim());
  });
  if (spec.allocateLoadBalancerNodePorts != null && !balanced) {
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', ONLY_BALANCED));
  }
  validateBalancerClass(errors, spec);
}

function validateBalancerClass(errors: FieldError[], { type, loadBalancerClass: name }: Spec): void {
  if (name == null) return;
  const path = 'spec.loadBalancerClass';
  if (type === 'LoadBalancer') reportEach(errors, path, name, validateQualifiedName(name));
  else errors.push(forbidden(path, ONLY_BALANCED));
}

/** The port on which nodes tell a load balancer whether they have pods of the service. */
function validateHealthCheck(errors: FieldError[], { type, ...spec }: Spec): void {
  const port = spec.healthCheckNodePort ?? 0;
  if (type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local') {
    if (port !== 0 && (port < 1 || port > 65_535)) {
      errors.push(invalid('spec.healthCheckNodePort', port, 'must be between 1 and 65535, inclusive'));
    }
  } else if (port !== 0) {
    const rule = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid('spec.healthCheckNodePort', port, rule));
  }
}

function validateTraffic(errors: FieldError[], spec: Spec): void {
  const outside =
    spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.externalIPs?.length ?? 0) > 0;
  const external: string | undefined = spec.externalTrafficPolicy;
  if (!outside && external) {
    const rule = 'may only be set for externally-accessible services';
    errors.push(invalid('spec.externalTrafficPolicy', external, rule));
  } else if (outside) allowOneOf(errors, 'spec.externalTrafficPolicy', external, TRAFFIC);
  validateHealthCheck(errors, spec);
  allowOneOf(errors, 'spec.internalTrafficPolicy', spec.internalTrafficPolicy, TRAFFIC);
  const distribution = spec.trafficDistribution;
  if (distribution != null && !DISTRIBUTIONS.includes(distribution)) {
    errors.push(unsupported('spec.trafficDistribution', distribution, DISTRIBUTIONS));
  }
}
